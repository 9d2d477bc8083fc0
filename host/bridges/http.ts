/** `ctx.http`: requests to granted hosts, with the host's secrets where the guest marks them. */
import { z } from "zod";
import { checkAddress } from "../network/address.ts";
import { coversAnywhere, describeUncovered, findUncovered, toHostTarget } from "../network/host-pattern.ts";
import { withDeadline } from "../network/with-deadline.ts";
import { sendRequest, type Answer } from "../network/send.ts";
import { toGuestHeaders, toRequestHeaders } from "../network/headers.ts";
import { CHARS_PER_BYTE_IN, fromUnits, toWords } from "./body-text.ts";
import { toSpellings } from "../settings/redactor.ts";
import { BridgeError, defineMethod, type BridgeCall } from "./define-bridge.ts";
import { BRIDGE_LIMITS } from "./limits.ts";
import { redact, redactBytes } from "./redact.ts";
import { fillSecretBody, type FilledBody } from "./secret-body.ts";
import { fillSecretHeaders, openSecretsOf, type FilledHeaders } from "./secret-headers.ts";

const token = z.number().int().positive();
/** Text, or with a number of bytes, two of them in each unit. */
const partText = z.string().max(BRIDGE_LIMITS.partBytes / 2);
const partBytes = z.number().int().min(0).max(BRIDGE_LIMITS.partBytes);
const requestSchema = z.object({
  url: z.string(),
  method: z
    .string()
    .max(20)
    .transform((method) => method.toUpperCase())
    .pipe(z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])),
  headers: z.array(z.tuple([z.string().max(256), z.string().max(8_192)])).max(BRIDGE_LIMITS.headers),
  /** A text, the bytes of a short body, or the token of a longer one. */
  body: z
    .union([partText, z.strictObject({ units: partText, bytes: partBytes }), z.strictObject({ token })])
    .optional(),
  secretHeaders: z
    .record(z.string().max(256), z.string().max(1_024))
    .refine((marked) => Object.keys(marked).length <= BRIDGE_LIMITS.secretHeaders, {
      message: `Expected at most ${BRIDGE_LIMITS.secretHeaders} secret headers`,
    })
    .optional(),
  timeoutMs: z.number().int().min(1).max(BRIDGE_LIMITS.requestMs.most).optional(),
});
type Request = z.infer<typeof requestSchema>;

/** The longest name of a host, with its scheme and port. */
const HOST_CHARS = 270;

/** What the guest's half is told of an answer. Its body is the text, or comes in numbers: these, and more for the token. */
interface GuestAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly text: string | null;
  readonly bytes: number;
  readonly words: readonly number[];
  readonly token: number | null;
}

function isRead(method: Request["method"]): boolean {
  return method === "GET" || method === "HEAD";
}

/** Scheme, host and port: the rest of an address may hold anything. */
function toWhere(url: string): string {
  const parsed = URL.parse(url);
  return parsed ? toHostTarget(parsed).slice(0, HOST_CHARS) : "no address";
}

/** The body of a request. What is held of it is given back to the room by whoever sent it. */
function bodyOf(
  { bodies }: BridgeCall,
  { method, body }: Request,
): { body: Uint8Array | undefined; heldBytes: number } {
  if (body === undefined) return { body, heldBytes: 0 };
  if (isRead(method)) {
    throw new BridgeError("INVALID_ARGUMENT", `A ${method} request has no body. Leave it out, or use POST.`);
  }
  if (typeof body === "string") return { body: toBytes(body, null), heldBytes: 0 };
  if ("units" in body) return { body: toBytes(body.units, body.bytes), heldBytes: 0 };
  const whole = bodies.takeWritten(body.token);
  return { body: whole, heldBytes: whole.length };
}

function toBytes(text: string, count: number | null): Uint8Array {
  const bytes = count === null ? new TextEncoder().encode(text) : fromUnits(text, count);
  if (!bytes) throw new BridgeError("INVALID_ARGUMENT", `Expected ${count} bytes, two in each unit.`);
  return bytes;
}

/** The power a request to this address uses. */
async function toUse({ gate }: BridgeCall, url: URL, method: string) {
  const isOpen = await gate.has("network:request:unrestricted");
  const capability = isOpen && coversAnywhere(url) ? "network:request:unrestricted" : "network:request";
  return { isOpen, use: { capability, target: toHostTarget(url), method } } as const;
}

async function refuseHost(call: BridgeCall, url: URL, method: string): Promise<string | undefined> {
  const { isOpen, use } = await toUse(call, url, method);
  const { capability } = use;
  const allowed = await call.gate.check(use);
  if (allowed.ok) return undefined;
  // Every host is granted: what is missing is the scheme or the port.
  return isOpen && capability === "network:request"
    ? describeUncovered(findUncovered([], url, { anywhere: true })!)
    : allowed.reason;
}

async function fillHeaders(call: BridgeCall, request: Request): Promise<FilledHeaders> {
  if (!request.secretHeaders) return { pairs: [], values: [] };
  // Before any secret is opened, so that a plugin learns nothing about hosts it was not granted.
  const address = checkAddress(request.url, call.ownHosts);
  if (!address.ok) throw new BridgeError("DENIED", address.reason);
  const { use } = await toUse(call, address.value, request.method);
  // Counted where it is refused: a request that goes on is counted when it is sent.
  if (!(await call.gate.covers(use)))
    throw new BridgeError("DENIED", (await refuseHost(call, address.value, request.method)) ?? "Host not allowed");
  return fillSecretHeaders(call, address.value, request.secretHeaders);
}

async function fillBody(call: BridgeCall, request: Request, body: Uint8Array | undefined): Promise<FilledBody> {
  const address = checkAddress(request.url, call.ownHosts);
  // What is wrong with the address is said by whoever sends to it.
  if (!address.ok) return { body, values: [] };
  const { use } = await toUse(call, address.value, request.method);
  if (!(await call.gate.covers(use))) return { body, values: [] };
  return fillSecretBody(call, address.value, body);
}

/** SECURITY: a server may send back what it was sent by an earlier request. (tests/host/settings.test.ts, "a later request") */
async function knownTo(call: BridgeCall, text: string): Promise<readonly string[]> {
  const address = checkAddress(text, call.ownHosts);
  return address.ok ? openSecretsOf(call, address.value) : [];
}

/** A body that is UTF-8 and not too long as text, any other in numbers; what does not fit one message is kept. */
function toGuestBody(
  { bodies }: BridgeCall,
  bytes: Uint8Array,
  heldBytes: number,
): Pick<GuestAnswer, "text" | "bytes" | "words" | "token"> {
  const text = toText(bytes);
  if (text !== undefined) {
    bodies.receive(text.jsonChars);
    return { text: text.plain, bytes: 0, words: [], token: null };
  }
  bodies.receive(bytes.length * CHARS_PER_BYTE_IN);
  const first = bytes.subarray(0, BRIDGE_LIMITS.partBytes);
  const rest = bytes.subarray(first.length);
  const token = rest.length > 0 ? bodies.keep(rest, heldBytes) : null;
  return { text: null, bytes: bytes.length, words: toWords(first), token };
}

function toText(bytes: Uint8Array): { readonly plain: string; readonly jsonChars: number } | undefined {
  if (bytes.length > BRIDGE_LIMITS.textChars) return undefined;
  try {
    const plain = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const jsonChars = JSON.stringify(plain).length;
    return jsonChars > BRIDGE_LIMITS.textChars ? undefined : { plain, jsonChars };
  } catch {
    return undefined;
  }
}

/** An answer, and the secrets that its server may know. */
interface Sent {
  readonly answer: Answer;
  readonly secrets: readonly string[];
}

/** Sends it and gives back the room of the request's body. */
async function send(call: BridgeCall, request: Request, filled: FilledHeaders): Promise<Sent> {
  const headers = toRequestHeaders(request.headers, filled.pairs);
  if (!headers.ok) throw new BridgeError("INVALID_ARGUMENT", headers.reason);
  const { body, heldBytes } = bodyOf(call, request);
  try {
    const filledBody = await fillBody(call, request, body);
    const secrets = toSpellings([...filled.values, ...filledBody.values, ...(await knownTo(call, request.url))]);
    const outgoing = {
      url: request.url,
      method: request.method,
      headers: headers.value,
      body: filledBody.body,
      holdsSecret: filledBody.values.length > 0,
      secretHeaders: filled.pairs.map(([name]) => name),
    };
    let hops = 0;
    const refuseHop = async (url: URL, method: string): Promise<string | undefined> => {
      const refused = await refuseHost(call, url, method);
      // The first was counted with the call.
      if (refused === undefined && ++hops > 1) call.beforeHop();
      return refused;
    };
    const sent = await withDeadline(request.timeoutMs ?? BRIDGE_LIMITS.requestMs.default, call.signal, (signal) =>
      sendRequest(outgoing, {
        fetch: call.services.fetch,
        refuseHost: refuseHop,
        ownHosts: call.ownHosts,
        signal,
        takeRoom: call.bodies.room.take,
        mostBytes: BRIDGE_LIMITS.bodyBytes,
        maxRedirects: BRIDGE_LIMITS.redirects,
      }),
    );
    if (!sent.ok) {
      const { kind, message } = sent.reason;
      throw new BridgeError(kind === "denied" ? "DENIED" : "FAILED", redact(message, secrets));
    }
    return { answer: sent.value, secrets };
  } finally {
    call.bodies.room.take(-heldBytes);
  }
}

/** The bridge methods of `ctx.http`. */
export const httpMethods = [
  defineMethod({
    name: "http.fetch",
    capability: "network:request",
    summary: "Sends a request to a granted host and reads the answer, up to 8 MiB.",
    args: z.tuple([requestSchema]),
    kind: "request",
    outside: ({ method, url }) => (isRead(method) ? undefined : `${method} ${toWhere(url)}`),
    async handler(call, request): Promise<GuestAnswer> {
      const filled = await fillHeaders(call, request);
      const { answer, secrets } = await send(call, request, filled);
      const { status, statusText, headers, body } = answer;
      const heldBytes = body.buffer.byteLength;
      let token: number | null = null;
      try {
        const clean = redactBytes(body, secrets, BRIDGE_LIMITS.bodyBytes);
        if (!clean) throw new BridgeError("FAILED", `The answer has more than ${BRIDGE_LIMITS.bodyBytes} bytes.`);
        const guestBody = toGuestBody(call, clean, heldBytes);
        token = guestBody.token;
        return {
          status,
          statusText: redact(statusText, secrets),
          headers: toGuestHeaders(headers)
            .map(([name, value]) => [redact(name, secrets), redact(value, secrets)] as const)
            // A name that held a secret is none any more.
            .filter(([name]) => !name.includes("[")),
          ...guestBody,
        };
      } finally {
        // With its last part otherwise.
        if (token === null) call.bodies.room.take(-heldBytes);
      }
    },
  }),
  defineMethod({
    name: "http.writeBody",
    isInternal: true,
    capability: "network:request",
    summary: "Adds a part to a request's body, before the request is sent.",
    args: z.tuple([token.nullable(), partText.min(1), partBytes.nullable()]),
    kind: "request",
    cost: () => 0,
    handler: async ({ bodies }, to, text, bytes) => bodies.write(to, toBytes(text, bytes)),
  }),
  defineMethod({
    name: "http.readBody",
    isInternal: true,
    capability: "network:request",
    summary: "Takes the next part of an answer's body.",
    args: z.tuple([token]),
    kind: "request",
    cost: () => 0,
    handler: async ({ bodies }, from) => toWords(bodies.readPart(from)),
  }),
];
