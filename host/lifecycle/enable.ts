/** Takes a disabled or parked plugin live again, under the grants it has. */
import type { Actor } from "../actor.ts";
import { HostError } from "../errors.ts";
import type { Session } from "../invoke/session.ts";
import { assertMayRun } from "../policy/enforce.ts";
import { isReached } from "../plugin/states.ts";
import type { Services } from "../services.ts";
import { BUDGET_CEILINGS } from "../invoke/budgets.ts";
import { putPlugin } from "../store/d1/plugins.ts";
import { activatePlugin } from "./activate.ts";
import { commitAct } from "./act.ts";
import { findPlugin, findVersion, toPlanned } from "./find.ts";
import { applyMigrations, explainMigrations, planMigrations, readApplied } from "./migrations.ts";

/** Enables a plugin. One that is live already stays as it is. */
export async function enablePlugin(services: Services, session: Session, by: Actor, id: string): Promise<void> {
  await commitAct(services, by, async () => {
    const plugin = await findPlugin(services.db, id, "enable");
    if (isReached("enable", plugin.state)) return { unchanged: undefined };
    if (plugin.live_version === null) {
      throw new HostError("CONFLICT", `Nobody has consented to ${id} yet. Consent to a version first.`);
    }
    const version = toPlanned(await findVersion(services.db, id, plugin.live_version));
    const { migrations } = version;
    await assertMayRun(services, version);
    // SECURITY: a second activation beside one that is under way would run the install hook twice. (tests/host/attacks.test.ts, "enabled again while its install hook runs")
    if (plugin.state === "activating" && isUnderWay(services, plugin.updated_at)) {
      throw new HostError("CONFLICT", `${id} is being enabled at this moment. Try again in a minute.`);
    }
    const pending = await planMigrations(id, migrations, await readApplied(services.db, id));
    const at = services.now().toISOString();
    return {
      statements: [
        ...applyMigrations(services, id, pending, at),
        putPlugin(services.db, {
          ...plugin,
          state: "activating",
          reason: null,
          updated_at: at,
        }),
      ],
      act: "plugin.enable",
      target: id,
      detail: { version: plugin.live_version, migrations: pending.files },
      value: undefined,
      explain: explainMigrations(id, pending),
    };
  });
  await activatePlugin(services, session, by, id);
}

/** Whether an activation that began then may still be running: its two hooks have a wall clock each. */
function isUnderWay({ now, plan }: Services, since: string): boolean {
  return now().getTime() - new Date(since).getTime() < 2 * BUDGET_CEILINGS[plan].lifecycle.wallMs;
}
