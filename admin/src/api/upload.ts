/** Sends a bundle and tells how far it got. `fetch` reports no progress of what it sends, so this one call does without. */
import type { Uploaded } from "./plugins.ts";
import { offlineProblem, toProblem } from "./problem.ts";

/** @param onProgress gets the fraction sent, 0 to 1. @throws Problem */
export function uploadBundle(bundle: Blob, onProgress: (fraction: number) => void): Promise<Uploaded> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/api/admin/plugins");
    request.setRequestHeader("content-type", "application/gzip");
    request.setRequestHeader("accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    request.addEventListener("error", () => reject(offlineProblem()));
    request.addEventListener("load", () => {
      if (request.status < 200 || request.status > 299) reject(toProblem(request.status, request.responseText));
      else resolve(JSON.parse(request.responseText) as Uploaded);
    });
    request.send(bundle);
  });
}
