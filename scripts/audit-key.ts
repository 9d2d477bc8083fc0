/**
 * `npm run -s audit:key`: which key does scripts/verify-audit.ts need? Derived from SECRETS_KEY in the environment, so that
 * whoever verifies the audit does not get what opens plugins' secrets. HKDF-SHA-256, as host/crypto.ts has it. With
 * SECRETS_KEY_PREVIOUS, the one before it, the keys of both, the older first.
 */
import { hkdfSync } from "node:crypto";

/** Shortest SECRETS_KEY the host accepts. */
const SECRETS_KEY_CHARS = 32;

const secret = process.env["SECRETS_KEY"] ?? "";
if (secret.length < SECRETS_KEY_CHARS) {
  console.error(
    "Cannot derive the audit key: SECRETS_KEY is not in the environment. Set it, or ask a running host: POST /api/admin/audit/key (docs/audit.md).",
  );
  process.exit(2);
}
const secrets = [process.env["SECRETS_KEY_PREVIOUS"] ?? "", secret].filter((each) => each !== "");
const keys = secrets.map((each) => Buffer.from(hkdfSync("sha256", each, "", "bulkhead/audit", 32)));
console.log(keys.map((key) => key.toString("hex")).join(","));
