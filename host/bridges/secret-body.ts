/**
 * How does a secret get into a JSON body without the guest seeing it? Where the manifest declares a pointer for it and the
 * whole string there is its placeholder. Nothing else of the body is looked at or changed: a post that contains a
 * placeholder stays a post.
 */
import { findNodeAtLocation, parseTree, type Node, type ParseError } from "jsonc-parser";
import { BridgeError, type BridgeCall } from "./define-bridge.ts";
import { BRIDGE_LIMITS } from "./limits.ts";
import { openBoundSecret } from "./secret-headers.ts";

/** A body with its secrets filled in, and the values, for redaction of what comes back. */
export interface FilledBody {
  readonly body: Uint8Array | undefined;
  readonly values: readonly string[];
}

interface Place {
  readonly node: Node;
  readonly name: string;
}

/** Fills in the secrets of a body that goes to `url`. */
export async function fillSecretBody(call: BridgeCall, url: URL, body: Uint8Array | undefined): Promise<FilledBody> {
  const declared = Object.entries(call.plugin.manifest.bulkhead.secrets ?? {}).flatMap(([name, { pointers = [] }]) =>
    pointers.map((pointer) => ({ name, path: toPath(pointer) })),
  );
  const text = body === undefined || declared.length === 0 ? undefined : toText(body);
  const marked = declared.filter(({ name }) => text?.includes(toPlaceholder(name)));
  if (body === undefined || text === undefined || marked.length === 0) return { body, values: [] };
  if (body.length > BRIDGE_LIMITS.secretBodyBytes) {
    throw new BridgeError(
      "INVALID_ARGUMENT",
      `A secret can be filled into a body of at most ${BRIDGE_LIMITS.secretBodyBytes} bytes; this one has ${body.length}.`,
    );
  }
  const places = findPlaces(text, marked);
  let filled = text;
  const values: string[] = [];
  // From the end, so that what stands before keeps its place.
  for (const { node, name } of places.toSorted((a, b) => b.node.offset - a.node.offset)) {
    const value = await openBoundSecret(call, name, url);
    values.push(value);
    filled = filled.slice(0, node.offset) + JSON.stringify(value) + filled.slice(node.offset + node.length);
  }
  return { body: new TextEncoder().encode(filled), values };
}

/** SECURITY: the whole string at a declared pointer, and no other place. (tests/host/secret-body.test.ts, "stays as it is") */
function findPlaces(
  text: string,
  marked: readonly { readonly name: string; readonly path: readonly string[] }[],
): readonly Place[] {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  if (!root || errors.length > 0) return [];
  return marked.flatMap(({ name, path }) => {
    const node = findNodeAtLocation(root, toLocation(root, path));
    return node?.type === "string" && node.value === toPlaceholder(name) ? [{ node, name }] : [];
  });
}

/** The library tells members of objects from places in arrays by type. */
function toLocation(root: Node, path: readonly string[]): (string | number)[] {
  const location: (string | number)[] = [];
  for (const part of path) {
    const isArray = findNodeAtLocation(root, location)?.type === "array";
    location.push(isArray && /^(0|[1-9]\d{0,5})$/.test(part) ? Number(part) : part);
  }
  return location;
}

/** The parts of a JSON Pointer, RFC 6901. */
function toPath(pointer: string): readonly string[] {
  return pointer
    .slice(1)
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function toPlaceholder(name: string): string {
  return `{{${name}}}`;
}

function toText(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
}
