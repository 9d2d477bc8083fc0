/**
 * Are these bytes a bundle this host can run? Unpack, manifest, signature over all of it, scan of the code, inspection in the
 * sandbox with no grants, exports against the manifest. Nothing is stored; every refusal names the file or field and the fix.
 */
import type { Failure, Sandbox } from "../../sandbox/index.ts";
import { digestFiles } from "../bundle/digest.ts";
import { matchExports } from "../bundle/exports.ts";
import { scanCode } from "../bundle/scan/scan.ts";
import { readSignature, SIGNATURE_FILE } from "../bundle/signature.ts";
import { readMigrations } from "../bundle/read-migrations.ts";
import { readManifest } from "../bundle/read-manifest.ts";
import { unpackBundle, type BundleFiles } from "../bundle/unpack.ts";
import { HostError, type ProblemIssue } from "../errors.ts";
import { EVALUATION_LIMITS, type Plan } from "../invoke/budgets.ts";
import { describeFailure } from "../invoke/failure.ts";
import { toProgram } from "../invoke/program.ts";
import { findNotOffered, type Offer } from "../offer.ts";
import { parseGuestJson } from "../invoke/session.ts";
import { acceptSchedule } from "../schedule/accept.ts";
import { readErrors } from "../trace/stack.ts";
import { toTrace } from "../trace/trace.ts";
import { openSources } from "../trace/tracer.ts";
import type { PlannedVersion } from "./plan.ts";

/** A bundle that passed. */
export interface VerifiedBundle extends PlannedVersion {
  /** The manifest's text as it stands in the bundle. */
  readonly manifestText: string;
  readonly files: BundleFiles;
}

/** On what the answer rests besides the bytes. */
export interface VerifyContext {
  readonly sandbox: Sandbox;
  readonly offer: Offer;
  readonly plan: Plan;
  readonly now: Date;
}

/** Verifies an uploaded archive. Throws BUNDLE_INVALID, MANIFEST_INVALID, SIGNATURE_INVALID or PAYLOAD_TOO_LARGE. */
export async function verifyBundle(
  archive: Uint8Array,
  { sandbox, offer, plan, now }: VerifyContext,
): Promise<VerifiedBundle> {
  const unpacked = await unpackBundle(archive);
  if (!unpacked.ok) {
    const { code, path, message } = unpacked.reason;
    throw new HostError(code === "too-large" ? "PAYLOAD_TOO_LARGE" : "BUNDLE_INVALID", message, [
      { path, code, message },
    ]);
  }
  const files = unpacked.value;
  const read = readManifest(files);
  if (!read.ok) throw refuseBundle("MANIFEST_INVALID", read.reason);
  const { manifest, text, unusedKeys } = read.value;
  const { id, version, bulkhead } = manifest;
  const signature = await readSignature(files, { plugin: id, version, publisher: bulkhead.publisher, now });
  if (!signature.ok) throw refuseBundle("SIGNATURE_INVALID", [{ path: SIGNATURE_FILE, ...signature.reason }]);
  const unknown = findNotOffered(offer, manifest);
  if (unknown.length > 0) throw refuseBundle("MANIFEST_INVALID", unknown);

  const migrations = readMigrations(files);
  if (!migrations.ok) {
    const message = `${migrations.reason} is not UTF-8`;
    throw refuseBundle("BUNDLE_INVALID", [{ path: migrations.reason, code: "invalid", message }]);
  }

  const schedules = (manifest.bulkhead.schedules ?? []).flatMap((schedule, i): readonly ProblemIssue[] => {
    const accepted = acceptSchedule(schedule.cron, { timezone: schedule.timezone ?? "UTC", plan });
    return accepted.ok ? [] : [{ path: `bulkhead.schedules[${i}].cron`, code: "invalid", message: accepted.reason }];
  });
  if (schedules.length > 0) throw refuseBundle("MANIFEST_INVALID", schedules);

  const code = new TextDecoder().decode(files.get("backend.js"));
  const scan = scanCode(code, { manifest, methods: [...offer.bridges.values()], map: files.get("backend.js.map") });

  const program = toProgram(manifest, { backend: files.get("backend.js")!, methods: offer.methods });
  const inspected = await sandbox.inspect(program, EVALUATION_LIMITS);
  if (!inspected.ok) {
    if (inspected.failure.kind === "stopped" && inspected.failure.reason === "busy") {
      throw new HostError("OVERLOADED", "Plugins use all the memory they may at this moment. Upload it again.");
    }
    throw refuseBundle("BUNDLE_INVALID", [describeInspection(inspected.failure, program.name, files)]);
  }
  const exports = matchExports(parseGuestJson(inspected.value), manifest);
  if (!exports.ok) throw refuseBundle("MANIFEST_INVALID", exports.reason);
  return {
    manifest,
    manifestText: text,
    exports: exports.value,
    digest: await digestFiles(files),
    bytes: archive.length,
    unusedKeys,
    migrations: migrations.value,
    files,
    signature: signature.value,
    scan,
  };
}

/** What was wrong with the code, with the author's file and line where the engine names a place. */
function describeInspection(failure: Failure, program: string, files: BundleFiles): ProblemIssue {
  const message = `backend.js could not be evaluated: ${describeFailure(failure)}`;
  const issue = { path: "backend.js", code: failure.kind, message };
  const trace = failure.kind === "threw" ? toTrace(readErrors(failure.error, program), openSources(files)) : null;
  if (!trace || trace.place === null) return issue;
  const code = trace.errors.flatMap(({ frames }) => frames).find((frame) => frame.code)?.code;
  return { ...issue, message: `${message} (at ${trace.place})`, ...(code ? { frame: code.text } : {}) };
}

/** A refusal that names its first fault, and how many there are. */
export function refuseBundle(
  code: "BUNDLE_INVALID" | "MANIFEST_INVALID" | "SIGNATURE_INVALID",
  issues: readonly ProblemIssue[],
): HostError {
  const [first] = issues;
  const rest = issues.length > 1 ? ` (and ${issues.length - 1} more)` : "";
  const where = first && first.path !== "" ? `${first.path}: ` : "";
  return new HostError(code, `${where}${first?.message ?? "invalid"}${rest}`, issues);
}
