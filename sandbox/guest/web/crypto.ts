/** Where do secrets and hashes come from? From the host's Web Crypto: random bytes at once, digests and HMAC as host calls. */
import { askHost, callHost } from "../host.ts";
import {
  charCodeAt,
  isArray,
  slice,
  StringFunction,
  toUpperCase,
  typedBytes,
  TypeErrorClass,
  typedSet,
  typedTag,
  weakGet,
  WeakMapClass,
  weakSet,
} from "../primordials.ts";
import { copyBuffer, fromBinary, toBinary, toBytes } from "./bytes.ts";
import { DomError } from "./dom-exception.ts";

interface Key {
  readonly material: string;
  readonly hash: string;
  readonly canSign: boolean;
  readonly canVerify: boolean;
}

const HASHES = ["SHA-1", "SHA-256", "SHA-384", "SHA-512"];
const SIGNATURES = ["HMAC"];
const MOST_RANDOM_BYTES = 65_536;
const keyring = new WeakMapClass<object, Key>();

/** The one of the known names that is meant, in whatever case. */
function choose(algorithm: unknown, known: readonly string[]): string {
  const name = StringFunction(
    typeof algorithm === "object" && algorithm !== null ? (algorithm as { readonly name?: unknown }).name : algorithm,
  );
  const upper = toUpperCase(name);
  let names = "";
  for (let index = 0; index < known.length; index += 1) {
    const each = known[index] as string;
    if (each === upper) return each;
    names += (index > 0 ? ", " : "") + each;
  }
  throw new DomError("Cannot use algorithm " + name + ": available are " + names + ".", "NotSupportedError");
}

async function hmac(key: unknown, use: "canSign" | "canVerify", data: unknown): Promise<string> {
  const known = weakGet(keyring, key);
  if (known === undefined) throw new TypeErrorClass("Cannot use the key: it was not made by crypto.subtle.importKey.");
  if (!known[use]) throw new DomError("Cannot use the key: its usages do not allow it.", "InvalidAccessError");
  return (await callHost("sandbox:hmac", [known.hash, known.material, toBinary(toBytes(data, "data"))])) as string;
}

const subtle = {
  async digest(algorithm: unknown, data: unknown): Promise<ArrayBuffer> {
    const digest = await callHost("sandbox:digest", [choose(algorithm, HASHES), toBinary(toBytes(data, "data"))]);
    return copyBuffer(fromBinary(digest as string));
  },
  async importKey(
    format: unknown,
    data: unknown,
    algorithm: unknown,
    extractable: unknown,
    usages: unknown,
  ): Promise<object> {
    if (format !== "raw")
      throw new DomError(
        "Cannot import a key as " + StringFunction(format) + ': only "raw" is known.',
        "NotSupportedError",
      );
    choose(algorithm, SIGNATURES);
    const hash = choose((algorithm as { readonly hash?: unknown }).hash, HASHES);
    const list: readonly unknown[] = isArray(usages) ? usages : [];
    let canSign = false;
    let canVerify = false;
    for (let index = 0; index < list.length; index += 1) {
      canSign ||= list[index] === "sign";
      canVerify ||= list[index] === "verify";
    }
    const key = {
      type: "secret",
      extractable: !!extractable,
      algorithm: { name: "HMAC", hash: { name: hash } },
      usages,
    };
    const material = toBinary(toBytes(data, "key data"));
    if (material === "") throw new DomError("Cannot import a key of no bytes.", "DataError");
    weakSet(keyring, key, { material, hash, canSign, canVerify });
    return key;
  },
  async sign(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    choose(algorithm, SIGNATURES);
    return copyBuffer(fromBinary(await hmac(key, "canSign", data)));
  },
  async verify(algorithm: unknown, key: unknown, signature: unknown, data: unknown): Promise<boolean> {
    choose(algorithm, SIGNATURES);
    const given = toBinary(toBytes(signature, "the signature"));
    const expected = await hmac(key, "canVerify", data);
    let difference = expected.length ^ given.length;
    // Every character is looked at, whatever the first difference was.
    for (let index = 0; index < expected.length; index += 1)
      difference |= charCodeAt(expected, index) ^ (index < given.length ? charCodeAt(given, index) : 0);
    return difference === 0;
  },
};

export const crypto = {
  getRandomValues<View extends ArrayBufferView>(view: View): View {
    const bytes = toBytes(view, "the array of getRandomValues()");
    const kind = typedTag(view);
    if (kind === undefined || slice(kind, 0, 5) === "Float")
      throw new DomError("Cannot fill the array: expected one of integers.", "TypeMismatchError");
    if (typedBytes(bytes) > MOST_RANDOM_BYTES)
      throw new DomError("Cannot fill more than " + MOST_RANDOM_BYTES + " bytes at once.", "QuotaExceededError");
    typedSet(bytes, fromBinary(askHost("random", [typedBytes(bytes)]) as string));
    return view;
  },
  randomUUID(): string {
    return askHost("uuid", []) as string;
  },
  subtle,
};
