/** Are plugins held to the hand they first came from, and do registered, replaced and revoked keys mean what they say? */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { signRotation } from "../../host/bundle/sign.ts";
import { packPlugin } from "../support/bundle.ts";
import { newKey, packSigned, type Signature } from "../support/signed.ts";
import { call, callRoute, consent, must, rows, show, uploadBytes, type ConsentChoice, type Json } from "./client.ts";
import { callAs } from "./people.ts";
import { sketch } from "./plugins.ts";

let keys: readonly Signature["key"][];
beforeAll(async () => {
  keys = await Promise.all([newKey(), newKey(), newKey()]);
});
beforeEach(() => target.reset());

const idOf = (i: number) => keys[i]!.publicKey.keyId;
const version = (number: string) => sketch("held", { version: number, routes: { which: `() => "${number}"` } });
/** Uploads a version signed by the key of that number, or by nobody. */
async function send(number: string, by: number | null, more: Partial<Signature> = {}) {
  const archive =
    by === null ? await packPlugin(version(number)) : await packSigned(version(number), { key: keys[by]!, ...more });
  return uploadBytes(archive);
}
async function planned(number: string, by: number | null, more?: Partial<Signature>): Promise<Json> {
  const { status, body } = await send(number, by, more);
  expect(status, JSON.stringify(body)).toBe(201);
  return body["plan"]!;
}
async function installed(number: string, by: number | null, more?: Partial<Signature> & ConsentChoice) {
  const { status, body } = await consent(
    await planned(number, by, more),
    more?.acceptSigner ? { acceptSigner: more.acceptSigner } : {},
  );
  expect(status, JSON.stringify(body)).toBe(200);
}
const which = async () => (await callRoute("held", "which")).body["data"];
const register = (i: number, publisher = "Acme") =>
  must("POST", "/api/admin/publishers", { body: { publicKey: keys[i]!.publicKey.text, publisher } });
const revoke = (i: number, note = "") => must("POST", `/api/admin/publishers/${idOf(i)}/revoke`, { body: { note } });
const rule = (document: object) =>
  must("PUT", "/api/admin/policy", { body: { document: { version: 1, ...document } } });
const codes = (plan: Json) =>
  (plan["findings"] as unknown as readonly Json[]).map(({ level, code }) => `${String(level)} ${String(code)}`);
const lastAct = async (act: string) =>
  JSON.parse(
    (await rows<{ detail: string }>("SELECT detail FROM _host_audit WHERE act = ? ORDER BY seq DESC LIMIT 1", act))[0]!
      .detail,
  ) as Json;

describe("the first key", () => {
  it("is pinned by consent and not by an upload: a stranger's upload holds nobody to anything", async () => {
    await send("0.9.0", 1);
    expect(await rows("SELECT * FROM _host_pins")).toEqual([]);
    await installed("1.0.0", 0);
    expect(await rows("SELECT plugin_id, key_id, how FROM _host_pins")).toEqual([
      { plugin_id: "held", key_id: idOf(0), how: "first" },
    ]);
    expect(await lastAct("plugin.consent")).toMatchObject({
      signer: { keyId: idOf(0), change: "first", pinned: idOf(0) },
    });
    const plan = await planned("1.1.0", 0);
    expect(plan).toMatchObject({ escalation: false, signer: { change: "same", pinnedKeyId: idOf(0) } });
    expect((await consent(plan)).status).toBe(200);
  });

  it("is pinned when a plugin that was not signed begins to be", async () => {
    await installed("1.0.0", null);
    const plan = await planned("1.1.0", 0);
    expect(plan).toMatchObject({ escalation: false, signer: { change: "first" } });
    expect((await consent(plan)).status).toBe(200);
    expect(await show("held")).toMatchObject({ pin: { keyId: idOf(0), how: "first" } });
  });

  it("outlives uninstalling as long as data are kept, and goes with them", async () => {
    await installed("1.0.0", 0);
    await must("DELETE", "/api/admin/plugins/held?data=keep");
    expect(codes(await planned("1.1.0", 1))).toContain("danger signer-changed");
    await must("DELETE", "/api/admin/plugins/held?data=delete");
    expect(await planned("1.2.0", 1)).toMatchObject({ escalation: false, signer: { change: "first" } });
  });
});

describe("an update", () => {
  it.each([
    {
      by: 1,
      change: "changed",
      code: "danger signer-changed",
      signer: () => idOf(1),
      pinned: () => idOf(1),
      how: "accepted",
    },
    {
      by: null,
      change: "missing",
      code: "danger signer-missing",
      signer: () => "unsigned",
      pinned: () => idOf(0),
      how: "first",
    },
  ])("whose signer is $change is consented to only by naming it", async ({ by, change, code, signer, pinned, how }) => {
    await installed("1.0.0", 0);
    const plan = await planned("2.0.0", by);
    expect(plan).toMatchObject({ escalation: true, signer: { change, accept: signer(), pinnedKeyId: idOf(0) } });
    expect(codes(plan)[0]).toBe(code);
    for (const acceptSigner of [undefined, idOf(0), idOf(2), "yes", by === null ? idOf(1) : "unsigned"]) {
      const { status, body } = await consent(plan, acceptSigner === undefined ? {} : { acceptSigner });
      expect({ acceptSigner, status, code: body["code"] }).toEqual({
        acceptSigner,
        status: 409,
        code: "SIGNER_CHANGED",
      });
      expect(body["detail"]).toContain(`"acceptSigner": "${signer()}"`);
    }
    expect(await which()).toBe("1.0.0");
    expect((await consent(plan, { acceptSigner: signer() })).status).toBe(200);
    expect(await which()).toBe("2.0.0");
    expect(await show("held")).toMatchObject({ pin: { keyId: pinned(), how } });
    expect(await lastAct("plugin.consent")).toMatchObject({ signer: { change } });
    // Once is not for ever: the next one without a signature asks again.
    if (by === null)
      expect(await planned("2.1.0", null)).toMatchObject({ escalation: true, signer: { change: "missing" } });
  });

  it("by the same key takes no name of another", async () => {
    await installed("1.0.0", 0);
    const plan = await planned("1.1.0", 0);
    expect((await consent(plan, { acceptSigner: idOf(1) })).status).toBe(409);
    expect((await consent(plan, { acceptSigner: idOf(0) })).status).toBe(200);
  });

  it("by a key that the one before named is a rotation: said, on record, and no escalation", async () => {
    await installed("1.0.0", 0);
    const plan = await planned("1.1.0", 1, { previous: keys[0]! });
    expect(plan).toMatchObject({ escalation: false, signer: { change: "rotated", accept: null } });
    expect(codes(plan)).toContain("warning signer-rotated");
    expect((await consent(plan)).status).toBe(200);
    expect(await show("held")).toMatchObject({ pin: { keyId: idOf(1), how: "rotated", previousKeyId: idOf(0) } });
    expect(await lastAct("plugin.consent")).toMatchObject({ signer: { change: "rotated", pinned: idOf(1) } });
    // The old key's word is given once: it names nobody else.
    expect(await planned("1.2.0", 2, { previous: keys[0]! })).toMatchObject({ signer: { change: "changed" } });
  });
});

describe("a registered key", () => {
  it("proves its name, and signs under no other", async () => {
    expect(await register(0)).toMatchObject({
      key: { keyId: idOf(0), publisher: "Acme", state: "valid", plugins: [] },
    });
    const plan = await planned("1.0.0", 0);
    expect(plan).toMatchObject({ signer: { state: "registered", publisher: "Acme" } });
    expect(codes(plan)).toEqual(["info signed"]);
    const { status, body } = await send("1.0.0", 0, { publisher: "Bob" });
    expect({ status, code: body["code"] }).toEqual({ status: 422, code: "SIGNATURE_INVALID" });
    expect(body["detail"]).toMatch(/registered for "Acme", the signature names "Bob"/);
    expect(
      (await call("POST", "/api/admin/publishers", { body: { publicKey: keys[0]!.publicKey.text, publisher: "Bob" } }))
        .status,
    ).toBe(409);
    expect((await call("POST", "/api/admin/publishers", { body: { publicKey: "x", publisher: "Bob" } })).status).toBe(
      400,
    );
    expect(await lastAct("publisher.register")).toMatchObject({ publisher: "Acme" });
  });

  it("a registered name that another key or nobody proves is a danger, and no name of an allowed publisher", async () => {
    await register(0);
    const named = sketch("named", { manifest: { bulkhead: { publisher: "ACME" } } });
    const unsigned = (await uploadBytes(await packPlugin(named))).body["plan"]!;
    expect(codes(unsigned)).toContain("danger publisher-not-proven");
    expect(codes(await planned("1.0.0", 1))).toContain("danger publisher-not-proven");
    await rule({ publishers: { allow: ["Acme"] } });
    expect(await consent(((await show("named")) as unknown as { plan: Json }).plan)).toMatchObject({
      status: 403,
      body: { code: "POLICY_DENIED" },
    });
    await installed("1.0.0", 0);
  });

  it("is what a policy that requires signatures asks for", async () => {
    await rule({ signature: "required" });
    for (const by of [null, 0]) {
      const plan = await planned("1.0.0", by);
      expect(codes(plan)).toContain("danger policy");
      const { status, body } = await consent(plan);
      expect({ status, code: body["code"] }).toEqual({ status: 403, code: "POLICY_DENIED" });
      expect(body["detail"]).toMatch(/a bundle that no registered key signed \(signature is "required"\)/);
    }
    await register(0);
    await installed("1.0.0", 0);
    expect(await which()).toBe("1.0.0");
  });

  it("is replaced by its own statement or an administrator's word, with all plugins that were held to it", async () => {
    await register(0);
    await installed("1.0.0", 0);
    const rotate = (body: object) => call("POST", `/api/admin/publishers/${idOf(0)}/rotate`, { body });
    const publicKey = keys[1]!.publicKey.text;
    for (const statement of [await signRotation(keys[0]!, idOf(2)), await signRotation(keys[1]!, idOf(1)), "x"])
      expect(await rotate({ publicKey, statement })).toMatchObject({
        status: 422,
        body: { code: "SIGNATURE_INVALID" },
      });
    const done = await rotate({ publicKey, statement: await signRotation(keys[0]!, idOf(1)), note: "yearly" });
    expect(done).toMatchObject({
      status: 200,
      body: { key: { keyId: idOf(1), publisher: "Acme", plugins: ["held"] }, plugins: ["held"] },
    });
    expect(await lastAct("publisher.rotate")).toMatchObject({ to: idOf(1), how: "rotated", plugins: ["held"] });
    expect(await show("held")).toMatchObject({
      pin: { keyId: idOf(1), how: "rotated", previousKeyId: idOf(0) },
      health: { warnings: [] },
    });
    // What it signed before is still its publisher's; it signs nothing new.
    expect(await which()).toBe("1.0.0");
    const late = await send("1.1.0", 0);
    expect({ status: late.status, issues: late.body["issues"] }).toMatchObject({
      status: 422,
      issues: [{ code: "signature-replaced" }],
    });
    const plan = await planned("1.1.0", 1);
    expect(plan).toMatchObject({ escalation: false, signer: { change: "rotated", state: "registered" } });
    expect(codes(plan)).toContain("warning signer-rotated");
    expect((await consent(plan)).status).toBe(200);
    expect((await rotate({ publicKey: keys[2]!.publicKey.text })).status).toBe(409);
    // The second time without a statement, which is said.
    await must("POST", `/api/admin/publishers/${idOf(1)}/rotate`, { body: { publicKey: keys[2]!.publicKey.text } });
    expect(await show("held")).toMatchObject({ pin: { keyId: idOf(2), how: "replaced" } });
    expect(JSON.stringify(await planned("1.2.0", 2))).toContain("by an administrator's word");
  });
});

describe("revoking", () => {
  it("of a revoked key nothing is taken in, before and after upload, and says so of what runs on", async () => {
    await register(0);
    await installed("1.0.0", 0);
    const waiting = await planned("1.1.0", 0);
    expect(await revoke(0, "stolen laptop")).toMatchObject({ key: { state: "revoked" }, live: ["held"] });
    expect(await lastAct("publisher.revoke")).toMatchObject({
      publisher: "Acme",
      note: "stolen laptop",
      live: ["held"],
    });
    const past = await send("1.2.0", 0, { signedAt: new Date("2026-01-01") });
    expect({ status: past.status, issues: past.body["issues"] }).toMatchObject({
      status: 422,
      issues: [{ code: "signature-revoked" }],
    });
    expect(past.body["detail"]).toMatch(/was revoked at .* Sign with another key/);
    expect((await consent(waiting)).status).toBe(409);
    const fresh = ((await show("held")) as unknown as { plan: Json }).plan;
    expect(codes(fresh)).toContain("danger signer-revoked");
    expect(await consent(fresh)).toMatchObject({ status: 422, body: { code: "SIGNATURE_INVALID" } });
    expect(await which()).toBe("1.0.0");
    expect(await show("held")).toMatchObject({
      state: "enabled",
      reason: null,
      health: {
        warnings: [
          expect.stringMatching(
            /"Acme" that signed 1\.0\.0 .* was revoked at .* \(stolen laptop\).*revokedKeys "stopped"/,
          ),
        ],
      },
    });
    expect((await call("POST", `/api/admin/publishers/${idOf(0)}/revoke`, { body: {} })).status).toBe(409);
    expect((await call("POST", `/api/admin/publishers/${idOf(1)}/revoke`, { body: {} })).status).toBe(404);
  });

  it.each([{ revokedKeys: "stopped" }, { signature: "required" }])(
    "stops what runs under the policy %j, and not others",
    async (document) => {
      await register(0);
      await register(1, "Bob");
      await installed("1.0.0", 0);
      const beside = await uploadBytes(
        await packSigned(sketch("beside", { routes: { hi: `() => 1` } }), { key: keys[1]!, publisher: "Bob" }),
      );
      expect((await consent(beside.body["plan"]!)).status).toBe(200);
      await rule(document);
      expect(await which()).toBe("1.0.0");
      await revoke(0);
      expect((await callRoute("held", "which")).status).toBe(404);
      expect(String((await show("held"))["reason"])).toMatch(/The policy refuses a bundle/);
      expect((await callRoute("beside", "hi")).body["data"]).toBe(1);
      await must("POST", "/api/admin/plugins/held/disable");
      expect(await call("POST", "/api/admin/plugins/held/enable")).toMatchObject({
        status: 403,
        body: { code: "POLICY_DENIED" },
      });
    },
  );

  it("a revoked key names nobody as its successor, in a bundle or at the API; an administrator still may", async () => {
    await register(0);
    await installed("1.0.0", 0);
    await revoke(0);
    expect(await planned("1.1.0", 1, { previous: keys[0]! })).toMatchObject({
      escalation: true,
      signer: { change: "changed" },
    });
    const path = `/api/admin/publishers/${idOf(0)}/rotate`;
    const publicKey = keys[1]!.publicKey.text;
    const statement = await signRotation(keys[0]!, idOf(1));
    expect(await call("POST", path, { body: { publicKey, statement } })).toMatchObject({
      status: 422,
      body: { code: "SIGNATURE_INVALID" },
    });
    await must("POST", path, { body: { publicKey } });
    expect(await show("held")).toMatchObject({ pin: { keyId: idOf(1), how: "replaced" } });
    expect(await planned("1.1.0", 1)).toMatchObject({ escalation: false, signer: { change: "rotated" } });
  });
});

describe("a policy", () => {
  it("that refuses a change of signers refuses it whoever accepts it, and not the same hand", async () => {
    await installed("1.0.0", 0);
    await rule({ signerChange: "refused" });
    for (const by of [1, null]) {
      const plan = await planned("2.0.0", by);
      expect(codes(plan)).toContain("danger policy");
      const { status, body } = await consent(plan, { acceptSigner: by === null ? "unsigned" : idOf(1) });
      expect({ status, code: body["code"], issues: body["issues"] }).toMatchObject({
        status: 403,
        code: "POLICY_DENIED",
        issues: [{ path: "signerChange" }],
      });
    }
    await installed("1.1.0", 0);
    await installed("1.2.0", 2, { previous: keys[0]! });
  });

  it.each([{ signerChange: "maybe" }, { revokedKeys: true }])("that says %j is refused", async (document) => {
    const { status, body } = await call("PUT", "/api/admin/policy", {
      body: { document: { version: 1, ...document } },
    });
    expect({ status, code: body["code"] }).toEqual({ status: 422, code: "POLICY_INVALID" });
  });
});

it("a consent beside an act that changes its plan: either comes first, and nothing is pinned without the other half", async () => {
  await installed("1.0.0", 0);
  const plan = await planned("2.0.0", 1);
  const answers = await Promise.all([
    consent(plan, { acceptSigner: idOf(1) }),
    must("POST", "/api/admin/publishers", { body: { publicKey: keys[1]!.publicKey.text, publisher: "Other" } }),
  ]);
  // Either order is one; never a pin that nobody's consent made.
  const { pin, version: live } = (await show("held")) as unknown as { pin: Json; version: string };
  expect([answers[0].status === 200, live === "2.0.0", String(pin["keyId"]) === idOf(1)]).toEqual(
    answers[0].status === 200 ? [true, true, true] : [false, false, false],
  );
});

it("publishers and reviewers read the keys; they change none, and an editor sees none", async () => {
  await register(0);
  for (const role of ["publisher", "reviewer"] as const) {
    expect((await callAs(role, "GET", "/api/admin/publishers")).status).toBe(200);
    const body = { publicKey: keys[1]!.publicKey.text, publisher: "Eve" };
    expect((await callAs(role, "POST", "/api/admin/publishers", body)).status).toBe(403);
    expect((await callAs(role, "POST", `/api/admin/publishers/${idOf(0)}/revoke`, {})).status).toBe(403);
    expect(
      (await callAs(role, "POST", `/api/admin/publishers/${idOf(0)}/rotate`, { publicKey: body.publicKey })).status,
    ).toBe(403);
  }
  expect((await callAs("editor", "GET", "/api/admin/publishers")).status).toBe(403);
  expect(await rows("SELECT count(*) AS n FROM _host_publisher_keys")).toEqual([{ n: 1 }]);
});
