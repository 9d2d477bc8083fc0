/** The bundle in a request: a raw gzip body, or the field `bundle` of a form. Read up to the cap, never beyond. */
import type { HonoRequest } from "hono";
import { BUNDLE_LIMITS } from "../bundle/limits.ts";
import { HostError } from "../errors.ts";
import { readBody } from "../network/read-body.ts";

/** Room for a form's own lines around the file. */
const FORM_BYTES = 16_384;

/** The archive's bytes. Throws PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE or BAD_REQUEST. */
export async function readUpload(request: HonoRequest): Promise<Uint8Array> {
  const type = (request.header("content-type") ?? "").split(";")[0]!.trim().toLowerCase();
  const isForm = type === "multipart/form-data";
  if (!isForm && !["application/gzip", "application/x-gzip", "application/octet-stream", ""].includes(type)) {
    throw new HostError(
      "UNSUPPORTED_MEDIA_TYPE",
      `Cannot read a bundle from "${type.slice(0, 80)}". Expected application/gzip, or multipart/form-data with the field "bundle".`,
    );
  }
  const most = BUNDLE_LIMITS.archiveBytes + (isForm ? FORM_BYTES : 0);
  const bytes = await readBody(request.raw.body, most);
  if (!bytes) {
    throw new HostError("PAYLOAD_TOO_LARGE", `The bundle has more than ${BUNDLE_LIMITS.archiveBytes} bytes.`);
  }
  if (!isForm) return bytes;
  const form = await new Response(bytes, { headers: { "content-type": request.header("content-type")! } })
    .formData()
    .catch(() => undefined);
  const file = form?.get("bundle");
  if (!(file instanceof File)) throw new HostError("BAD_REQUEST", 'The form has no file in the field "bundle".');
  return new Uint8Array(await file.arrayBuffer());
}
