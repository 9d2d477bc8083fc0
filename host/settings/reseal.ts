/**
 * How is SECRETS_KEY replaced? The old one becomes SECRETS_KEY_PREVIOUS; what was sealed under it is sealed anew, some at
 * each tick of the minute clock. When none is left, SECRETS_KEY_PREVIOUS can go.
 */
import type { Services } from "../services.ts";
import { listAllSecrets, replaceEnvelope } from "../store/d1/secrets.ts";
import { isSealedBefore, openSecret, sealSecret } from "./secrets.ts";

/** Secrets one tick seals anew. */
const PER_TICK = 20;

/** Seals some anew; answers how many there were. Only while there is a previous key. */
export async function resealSecrets({ db, secretsKey, secretsKeys, log }: Services): Promise<number> {
  if (secretsKeys.length < 2) return 0;
  let sealed = 0;
  for (const { plugin_id: plugin, key, envelope } of await listAllSecrets(db)) {
    if (sealed === PER_TICK) break;
    if (!(await isSealedBefore(secretsKey, envelope))) continue;
    const place = { plugin, key };
    try {
      const next = await sealSecret(secretsKey, place, await openSecret(secretsKeys, place, envelope));
      // One that was set meanwhile stays as it was set.
      await replaceEnvelope(db, place, { from: envelope, to: next });
      sealed += 1;
    } catch (error) {
      log("warn", "secret not sealed anew", { plugin, key, reason: String(error) });
    }
  }
  return sealed;
}
