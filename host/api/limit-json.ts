/** How large may a JSON body be? Refused while it is read, before anything is made of it. */
import { bodyLimit } from "hono/body-limit";
import { HostError } from "../errors.ts";

/** Bytes; the largest body holds a plugin's settings. */
const JSON_BYTES = 1024 * 1024;

/** Throws PAYLOAD_TOO_LARGE for a body that has more. */
export const limitJson = bodyLimit({
  maxSize: JSON_BYTES,
  onError: () => {
    throw new HostError("PAYLOAD_TOO_LARGE", `The body has more than ${JSON_BYTES} bytes.`);
  },
});
