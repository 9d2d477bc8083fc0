/** Where do secrets and hashes come from? From the host's Web Crypto: random bytes at once, digests and HMAC as host calls. */
import { askHost, callHost } from "../host.ts";
import { charCodeAt, isArray, StringFunction, toUpperCase, TypeErrorClass } from "../primordials.ts";
import { copyBuffer, fromBinary, toBinary, toBytes } from "./bytes.ts";

const keyBytes = new WeakMap<object, string>();
const { get: keyGet, set: keySet } = WeakMap.prototype;
const call = Reflect.apply;

function hashName(algorithm: unknown): string {
  const name =
    typeof algorithm === "object" && algorithm !== null ? (algorithm as { readonly name?: unknown }).name : algorithm;
  return toUpperCase(StringFunction(name));
}

function hmacHash(algorithm: unknown): string {
  if (hashName(algorithm) !== "HMAC")
    throw new TypeErrorClass(`Cannot use algorithm ${hashName(algorithm)}: only HMAC is available.`);
  return hashName((algorithm as { readonly hash?: unknown }).hash ?? "SHA-256");
}

function materialOf(key: unknown): string {
  const material = call(keyGet, keyBytes, [key]) as string | undefined;
  if (material === undefined)
    throw new TypeErrorClass("Cannot use the key: it was not made by crypto.subtle.importKey.");
  return material;
}

async function hmac(key: unknown, data: unknown): Promise<string> {
  const { hash } = (key as { readonly algorithm: { readonly hash: { readonly name: string } } }).algorithm;
  return (await callHost("sandbox:hmac", [hash.name, materialOf(key), toBinary(toBytes(data, "data"))])) as string;
}

const subtle = {
  async digest(algorithm: unknown, data: unknown): Promise<ArrayBuffer> {
    const digest = await callHost("sandbox:digest", [hashName(algorithm), toBinary(toBytes(data, "data"))]);
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
      throw new TypeErrorClass(`Cannot import a key as ${StringFunction(format)}: only "raw" is available.`);
    const key = {
      type: "secret",
      extractable: !!extractable,
      algorithm: { name: "HMAC", hash: { name: hmacHash(algorithm) } },
      usages: isArray(usages) ? usages : [],
    };
    call(keySet, keyBytes, [key, toBinary(toBytes(data, "key data"))]);
    return key;
  },
  async sign(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    hmacHash(algorithm);
    return copyBuffer(fromBinary(await hmac(key, data)));
  },
  async verify(algorithm: unknown, key: unknown, signature: unknown, data: unknown): Promise<boolean> {
    hmacHash(algorithm);
    const expected = await hmac(key, data);
    const given = toBinary(toBytes(signature, "the signature"));
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
    const random = askHost("random", [bytes.length]) as string;
    for (let index = 0; index < bytes.length; index += 1) bytes[index] = charCodeAt(random, index);
    return view;
  },
  randomUUID(): string {
    return askHost("uuid", []) as string;
  },
  subtle,
};
