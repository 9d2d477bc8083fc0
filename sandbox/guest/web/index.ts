/** Which web APIs does the guest get besides what QuickJS brings? These; each has a file of its own. */
import { AbortController, AbortSignal } from "./abort.ts";
import { atob, btoa } from "./base64.ts";
import { structuredClone } from "./clone.ts";
import { crypto } from "./crypto.ts";
import { DOMException } from "./dom-exception.ts";
import { Headers } from "./headers.ts";
import { queueMicrotask } from "./microtask.ts";
import { Request } from "./request.ts";
import { Response } from "./response.ts";
import { URLSearchParams } from "./search-params.ts";
import { TextDecoder, TextEncoder } from "./text-coding.ts";
import { URL } from "./url.ts";

export const webGlobals = {
  AbortController,
  AbortSignal,
  atob,
  btoa,
  crypto,
  DOMException,
  Headers,
  queueMicrotask,
  Request,
  Response,
  structuredClone,
  TextDecoder,
  TextEncoder,
  URL,
  URLSearchParams,
};
