/** `ctx.media`: bytes become base64 on their way to the host; the rest is as the host offers it. */
import type { GuestSandbox } from "../../sandbox/types.ts";
import { ErrorClass } from "./built-ins.ts";

/** The object behind `ctx.media`. */
export function createMedia({ call, base64 }: GuestSandbox, methods: object): Record<string, unknown> {
  return {
    ...methods,
    async upload(filename: unknown, contentType: unknown, bytes: unknown) {
      const encoded = base64.encode(bytes);
      // What is no bytes goes as it is; the host says what was expected.
      return call("media.upload", [filename, contentType, encoded === undefined ? bytes : { base64: encoded }]);
    },
    async getUploadUrl() {
      throw new ErrorClass(
        "Cannot make an upload address: plugins here upload the bytes themselves. Use ctx.media.upload(filename, contentType, bytes).",
      );
    },
  };
}
