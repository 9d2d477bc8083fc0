/** Does a signature hold over every file, for one plugin and version, and is any other refused by name with nothing stored? */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { SIGNATURE_LIMITS } from "../../host/bundle/limits.ts";
import { toRotationText, toSignedText } from "../../host/bundle/signed-text.ts";
import { toBase64Url } from "../../host/crypto.ts";
import { newKey, packSigned, withSignature, type Signature } from "../support/signed.ts";
import { consent, rows, show, uploadBytes, type Json } from "./client.ts";
import { sketch } from "./plugins.ts";
import { everything } from "./stored.ts";

let key: Signature["key"];
let other: Signature["key"];
beforeAll(async () => {
  [key, other] = await Promise.all([newKey(), newKey()]);
});
beforeEach(() => target.reset());

const text = (value: string) => new TextEncoder().encode(value);
const put = (path: string, body: string) => (files: Map<string, Uint8Array>) => void files.set(path, text(body));
const plugin = (more = {}) => ({ ...sketch("signed", more), files: { "README.md": "# Read" } });
const hour = 3_600_000;

it("that holds is shown with its key and name, and the bundle is installed like any other", async () => {
  const { status, body } = await uploadBytes(await packSigned(plugin({ routes: { hi: `() => 1` } }), { key }));
  expect(status, JSON.stringify(body)).toBe(201);
  const { keyId } = key.publicKey;
  expect(body["plan"]).toMatchObject({
    escalation: false,
    signer: { state: "unregistered", keyId, publisher: "Acme", change: "first", expiresAt: null, accept: null },
    findings: [{ level: "info", code: "signer-unregistered", message: expect.stringContaining("proves nothing") }],
  });
  expect((await consent(body["plan"]!)).status).toBe(200);
  expect(await show("signed")).toMatchObject({
    pin: { keyId, publisher: "Acme", how: "first", previousKeyId: null },
    versions: [{ signer: { state: "unregistered", keyId } }],
  });
});

interface Refused {
  readonly says: string;
  readonly code: string;
  readonly words: RegExp;
  readonly signature?: () => Partial<Signature>;
  readonly manifest?: Readonly<Record<string, unknown>>;
}
const edited = (change: Parameters<typeof withSignature>[0]) => () => ({ after: withSignature(change) });

// prettier-ignore
const refused: readonly Refused[] = [
  { says: "the code was changed", code: "signature-forged", words: /a file was changed after signing/, signature: () => ({ after: put("backend.js", "export default { };") }) },
  { says: "the manifest was changed", code: "signature-forged", words: /signed 1\.0\.1/, signature: () => ({ after: put("manifest.json", JSON.stringify({ id: "signed", version: "1.0.1" })) }) },
  { says: "a file was changed that is never run", code: "signature-forged", words: /Sign the bundle again: npx bulkhead sign/, signature: () => ({ after: put("README.md", "# Other") }) },
  { says: "a file was added", code: "signature-forged", words: /changed after signing/, signature: () => ({ after: put("LICENSE", "MIT") }) },
  { says: "a source map was added", code: "signature-forged", words: /changed after signing/, signature: () => ({ after: put("backend.js.map", "{}") }) },
  { says: "a file was taken out", code: "signature-forged", words: /changed after signing/, signature: () => ({ after: (files) => void files.delete("README.md") }) },
  { says: "it is of another bundle", code: "signature-forged", words: /made for another bundle/, signature: () => ({ after: put("manifest.json", JSON.stringify({ id: "stolen", version: "1.0.0" })) }) },
  { says: "its bytes are others", code: "signature-forged", words: /is not one of the key/, signature: edited((s) => ({ ...s, signature: "A".repeat(86) })) },
  { says: "its bytes are spelled in another way", code: "signature-forged", words: /is not one of the key/, signature: edited((s) => ({ ...s, signature: `${String(s["signature"])}==` })) },
  { says: "its publisher was changed", code: "signature-forged", words: /is not one of the key/, signature: edited((s) => ({ ...s, publisher: "Other" })) },
  { says: "its time was changed", code: "signature-forged", words: /is not one of the key/, signature: edited((s) => ({ ...s, signedAt: "2026-01-01T00:00:00.000Z" })) },
  { says: "its end was put off", code: "signature-forged", words: /is not one of the key/, signature: () => ({ expiresAt: new Date(Date.now() + hour), after: withSignature((s) => ({ ...s, expiresAt: "2100-01-01T00:00:00.000Z" })) }) },
  { says: "its end was taken away", code: "signature-forged", words: /is not one of the key/, signature: () => ({ expiresAt: new Date(Date.now() + hour), after: withSignature(({ expiresAt: _, ...s }) => s) }) },
  { says: "its key was exchanged", code: "signature-forged", words: /is not one of the key/, signature: edited((s) => ({ ...s, keyId: other.publicKey.keyId, publicKey: other.publicKey.text })) },
  { says: "it names another key", code: "signature-key", words: /names the key .* but holds/, signature: edited((s) => ({ ...s, keyId: other.publicKey.keyId })) },
  { says: "its key is too short", code: "signature-key", words: /no Ed25519 public key: expected its 32 bytes/, signature: edited((s) => ({ ...s, publicKey: "AAAA" })) },
  { says: "its key is no point of the curve", code: "signature-key", words: /./, signature: edited((s) => ({ ...s, publicKey: toBase64Url(new Uint8Array(32).fill(2)) })) },
  { says: "it has expired", code: "signature-expired", words: /expired at 2026-01-02T.*Sign the bundle again/, signature: () => ({ signedAt: new Date("2026-01-01"), expiresAt: new Date("2026-01-02") }) },
  { says: "it is of tomorrow", code: "signature-not-yet", words: /yet to come\. Set the clock/, signature: () => ({ signedAt: new Date(Date.now() + SIGNATURE_LIMITS.clockAheadMs + hour) }) },
  { says: "the manifest names somebody else", code: "signature-publisher", words: /"Other", the signature "Acme"\. Use one name/, manifest: { bulkhead: { publisher: "Other" } } },
  { says: "the key before did not name this one", code: "signature-previous", words: /did not sign for/, signature: edited((s) => ({ ...s, previous: { publicKey: other.publicKey.text, signature: s["signature"] } })) },
  { says: "it is no JSON", code: "signature-malformed", words: /signature\.json is not a signature/, signature: () => ({ after: put("signature.json", "{") }) },
  { says: "it is empty", code: "signature-malformed", words: /not a signature/, signature: () => ({ after: put("signature.json", "") }) },
  { says: "it is null", code: "signature-malformed", words: /not a signature/, signature: () => ({ after: put("signature.json", "null") }) },
  { says: "it says more than signatures do", code: "signature-malformed", words: /Unrecognized key: \\?"trusted/, signature: edited((s) => ({ ...s, trusted: true })) },
  { says: "it names nobody", code: "signature-malformed", words: /publisher/, signature: () => ({ publisher: "" }) },
  { says: "its name has one character too many", code: "signature-malformed", words: /publisher/, signature: () => ({ publisher: "x".repeat(257) }) },
  { says: "its name turns the direction of text", code: "signature-malformed", words: /cannot be seen/, signature: () => ({ publisher: "Acme\u202e" }) },
  { says: "its time is none", code: "signature-malformed", words: /Expected a time in UTC/, signature: edited((s) => ({ ...s, signedAt: "yesterday" })) },
  { says: "it has a prototype for a member", code: "signature-malformed", words: /not a signature/, signature: () => ({ after: put("signature.json", `{"__proto__":{"keyId":"x"}}`) }) },
];

it.each(refused)("is refused: $says", async ({ code, words, signature, manifest }) => {
  const before = await everything();
  const archive = await packSigned(plugin(manifest ? { manifest } : {}), { key, ...signature?.() });
  const { status, body } = await uploadBytes(archive);
  expect({ status, code: body["code"], issues: body["issues"] }).toMatchObject({
    status: 422,
    code: "SIGNATURE_INVALID",
    issues: [{ path: "signature.json", code }],
  });
  expect(String(body["detail"])).toMatch(words);
  expect(await everything()).toEqual(before);
});

it("is refused: one byte too large", async () => {
  const pad = (bytes: number) => (files: Map<string, Uint8Array>) => {
    const signature = files.get("signature.json")!;
    const padded = new Uint8Array(bytes).fill(32);
    padded.set(signature);
    files.set("signature.json", padded);
  };
  const upload = async (bytes: number) => uploadBytes(await packSigned(plugin(), { key, after: pad(bytes) }));
  expect(await upload(8_193)).toMatchObject({ status: 413, body: { code: "PAYLOAD_TOO_LARGE" } });
  expect(await upload(8_192)).toMatchObject({ status: 201 });
});

describe("a key", () => {
  it("whose key any signature fits is refused", async () => {
    // The neutral point, and the signature that fits every text under it.
    const weak = new Uint8Array(32);
    weak[0] = 1;
    const publicKey = toBase64Url(weak);
    const signature = new Uint8Array(64);
    signature[0] = 1;
    const archive = await packSigned(plugin(), {
      key,
      after: withSignature((s) => ({ ...s, publicKey, signature: toBase64Url(signature) })),
    });
    const { status, body } = await uploadBytes(archive);
    expect({ status, code: body["code"] }).toEqual({ status: 422, code: "SIGNATURE_INVALID" });
    expect(body["detail"]).toMatch(/one of the few that any signature fits/);
  });

  it("signs nothing for another purpose: a word for a successor is no signature of a bundle, nor the other way round", () => {
    const said = {
      plugin: "a",
      version: "1.0.0",
      files: "f",
      keyId: "k",
      publisher: "p",
      signedAt: "t",
      expiresAt: null,
    };
    const [signed, rotation] = [toSignedText(said), toRotationText({ from: "a", to: "b" })];
    expect(signed.split("\n")[0]).not.toBe(rotation.split("\n")[0]);
    // No member can end its own place in the text.
    expect(toSignedText({ ...said, publisher: `p","signedAt":"x` })).not.toContain(`"signedAt":"x"`);
  });
});

it("that is not there is said, and nothing else", async () => {
  const { status, body } = await uploadBytes(
    await packSigned(plugin(), { key, after: (files) => void files.delete("signature.json") }),
  );
  expect(status).toBe(201);
  expect(body["plan"]).toMatchObject({
    signer: { state: "unsigned", keyId: null, change: "none" },
    findings: [{ level: "info", code: "not-signed", message: "It is not signed: nothing shows who made it." }],
    escalation: false,
  });
  expect((await consent(body["plan"]!)).status).toBe(200);
  expect(await rows("SELECT * FROM _host_pins")).toEqual([]);
});

it("that expires while it waits can no longer be consented to; what was consented to before runs on", async () => {
  const uploadUntil = async (version: string) =>
    (
      await uploadBytes(
        await packSigned(sketch("short", { version, routes: { hi: `() => 1` } }), {
          key,
          expiresAt: new Date(Date.now() + hour),
        }),
      )
    ).body["plan"]!;
  expect((await consent(await uploadUntil("1.0.0"))).status).toBe(200);
  const plan = await uploadUntil("1.1.0");
  await target.env.DB.prepare(
    `UPDATE _host_versions SET signature = json_set(signature, '$.expiresAt', '2026-01-01T00:00:00.000Z')`,
  ).run();
  const fresh = ((await show("short")) as unknown as { plan: Json }).plan;
  const { status, body } = await consent(fresh);
  expect({ status, code: body["code"] }).toEqual({ status: 422, code: "SIGNATURE_INVALID" });
  expect(body["detail"]).toMatch(/expired at 2026-01-01/);
  expect((await consent(plan)).status).toBe(409);
  expect(await show("short")).toMatchObject({ version: "1.0.0", state: "enabled" });
});
