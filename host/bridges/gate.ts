/**
 * What stands between a call and a power? The grants of the plugin as they are now, asked for every use; what is refused
 * or only reported is told, so that it shows in the audit and in the accounts.
 */
import { describeCapability, requestedTargets, type Capability, type PluginManifest } from "@bulkhead/sdk";
import {
  checkUse,
  describeDenial,
  isGranted,
  type Allowed,
  type Denial,
  type Holder,
  type Use,
} from "../permissions/check.ts";
import { fail, ok, type Result } from "../result.ts";
import { BridgeError } from "./define-bridge.ts";

/** The gate of one invocation. */
export interface Gate {
  /** Whether the use goes ahead now; a refusal is in words for the guest. */
  check(use: Use): Promise<Result<undefined, string>>;
  /** The same, as a throw of DENIED. */
  assert(use: Use): Promise<void>;
  /** Whether the use would go ahead; asking is no use of it, and a no is no denial. */
  covers(use: Use): Promise<boolean>;
  /** Whether the power is there at all; asking is no use of it. */
  has(capability: Capability): Promise<boolean>;
  /** For a method of the plugin's own namespace: throws DENIED where this version of it no longer runs. */
  assertOwn(family: string): Promise<void>;
}

/** One decision, for the accounts. */
export type Decided =
  | { readonly as: "calls"; readonly capability: string; readonly target: string | undefined }
  | { readonly as: "denied" | "reported"; readonly denial: Denial };

/** What a gate is made of. */
export interface GateParts {
  readonly manifest: PluginManifest;
  /** The plugin's grants and what bounds them now, at most a second old; null where this version no longer runs. */
  readonly holding: () => Promise<Omit<Holder, "requested"> | null>;
  readonly now: () => Date;
  readonly onDecided: (decided: Decided) => void;
}

/** A gate. SECURITY: grants are read anew for every use; what was granted a minute ago does not count. (tests/host/updates.test.ts, "an invocation under way") */
export function createGate({ manifest, holding, now, onDecided }: GateParts): Gate {
  const ended = `${manifest.id} ${manifest.version} is no longer enabled.`;

  /** Undefined where this version no longer runs. */
  async function decide(use: Use): Promise<Result<Allowed, Denial> | undefined> {
    const held = await holding();
    return held ? checkUse({ ...held, requested: (name) => requestedTargets(manifest, name) }, use, now()) : undefined;
  }

  async function check(use: Use): Promise<Result<undefined, string>> {
    const checked = await decide(use);
    if (!checked) return fail(ended);
    if (!checked.ok) {
      onDecided({ as: "denied", denial: checked.reason });
      return fail(describeDenial(checked.reason));
    }
    const { reported, coveredBy } = checked.value;
    if (reported) onDecided({ as: "reported", denial: reported });
    const { capability, target } = use;
    // Asked once without a target before the arguments are read: the use follows.
    if (target !== undefined || describeCapability(capability).targets === undefined)
      onDecided({ as: "calls", capability, target: coveredBy ?? target });
    return ok(undefined);
  }

  return {
    check,
    covers: async (use) => (await decide(use))?.ok ?? false,
    async has(capability) {
      const held = await holding();
      return held !== null && isGranted(held, capability, now());
    },
    async assertOwn(family) {
      if (!(await holding())) throw new BridgeError("DENIED", ended);
      onDecided({ as: "calls", capability: family, target: undefined });
    },
    async assert(use) {
      const checked = await check(use);
      if (!checked.ok) throw new BridgeError("DENIED", checked.reason);
    },
  };
}
