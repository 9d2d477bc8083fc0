/** Where do images stay while a Worker of the bench lives? In a map, under a key that is nobody's secret. */
import type { ImageStore } from "../../sandbox/index.ts";

const KEY_BYTES = 32;

/** A store for a sandbox, and what stands in it. */
export function keepImages() {
  const stored = new Map<string, Uint8Array<ArrayBuffer>>();
  const store: ImageStore = {
    get: async (key) => stored.get(key),
    put: async (key, bytes) => void stored.set(key, bytes),
  };
  const macKey = () =>
    crypto.subtle.importKey("raw", new Uint8Array(KEY_BYTES), { name: "HMAC", hash: "SHA-256" }, false, [
      "sign",
      "verify",
    ]);
  return { stored, images: { store, macKey } };
}
