/** How is a plugin shown? From its rows to the API's shapes; the only place that knows both. */
import type { z } from "@hono/zod-openapi";
import { describeCapability } from "@bulkhead/sdk";
import { describeUnfinished, UNFINISHED_AFTER_MS } from "../invoke/unfinished.ts";
import { planFor, toPlanned } from "../lifecycle/find.ts";
import { withNextRuns } from "../lifecycle/next-runs.ts";
import { describeSigner, viewPin, viewSigner } from "./signer-view.ts";
import { getPin } from "../store/d1/publishers.ts";
import { toSignature } from "../registry/active-plugin.ts";
import { planHooks, type Plan } from "../lifecycle/plan.ts";
import type { Services } from "../services.ts";
import { findHold, type Bounds } from "../policy/bounds.ts";
import { readBounds } from "../policy/in-force.ts";
import { findMissing } from "../settings/missing.ts";
import { readSettings } from "../settings/read.ts";
import { listGrants } from "../store/d1/grants.ts";
import { readHealth, type Health } from "../store/d1/invocations.ts";
import {
  getPlugin,
  getVersion,
  listPlugins,
  listVersions,
  type PluginRow,
  type VersionRow,
} from "../store/d1/plugins.ts";
import { listSchedules, type ListedSchedule } from "../store/d1/schedules.ts";
import { parseTimetable } from "../schedule/timetable.ts";
import type { Grant } from "../permissions/grant.ts";
import { isGranted } from "../permissions/check.ts";
import { HostError } from "../errors.ts";
import type { grantShape, pluginDetailShape, pluginShape, scheduleShape } from "./shapes.ts";

type PluginView = z.infer<typeof pluginShape>;
type PluginDetailView = z.infer<typeof pluginDetailShape>;

const DAY_MS = 86_400_000;

/** Every plugin, as the list shows it. */
export async function viewPlugins(services: Services): Promise<PluginView[]> {
  const [plugins, health, bounds] = await Promise.all([
    listPlugins(services.db),
    healthToday(services),
    readBounds(services),
  ]);
  return Promise.all(plugins.map((plugin) => viewOne(services, plugin, health.get(plugin.id), bounds)));
}

/** One plugin, as the answer to an act shows it. Throws NOT_FOUND. */
export async function viewPlugin(services: Services, id: string): Promise<PluginView> {
  const plugin = await present(services, id);
  const [health, bounds] = await Promise.all([healthToday(services), readBounds(services)]);
  return viewOne(services, plugin, health.get(id), bounds);
}

/** One plugin with everything its page shows. Throws NOT_FOUND. */
export async function viewPluginDetail(services: Services, id: string): Promise<PluginDetailView> {
  const { db } = services;
  const plugin = await present(services, id);
  const [pin, versions, schedules, health, bounds] = await Promise.all([
    getPin(db, id),
    listVersions(db, id),
    listSchedules(db, id),
    healthToday(services),
    readBounds(services),
  ]);
  const own = health.get(id);
  const view = await viewOne(services, plugin, own, bounds);
  const live = versions.find((row) => row.version === plugin.live_version);
  const staged = versions.find((row) => row.version === plugin.staged_version);
  const shown = live ?? staged;
  const planned = shown ? readPlanned(shown) : undefined;
  const grants = live ? await listGrants(db, id, live.version) : [];
  return {
    ...view,
    plan: staged && readPlanned(staged) ? await planWithDates(services, plugin, staged) : null,
    versions: versions.map((row) => ({
      version: row.version,
      digest: row.digest,
      state: row === live ? "live" : row === staged ? "staged" : row.rejected_at === null ? "kept" : "rejected",
      uploadedAt: row.uploaded_at,
      uploadedBy: row.uploaded_by,
      signer: viewSigner(toSignature(row), bounds.keys),
    })),
    pin: viewPin(pin),
    grants: grants.map(viewGrant),
    hooks: planned
      ? planHooks(planned.exports, services.offer, (name) =>
          live ? isGranted({ grants, bounds }, name, services.now()) : planned.manifest.capabilities.includes(name),
        )
      : [],
    routes: planned ? planned.exports.routes.map(({ name, public: open }) => ({ name, public: open })) : [],
    schedules: schedules.map((row) => viewSchedule(row, view)),
    health: {
      invocations: own?.invocations ?? 0,
      failures: own?.failures ?? 0,
      warnings: live ? describeSigner(live, bounds) : [],
      lastError: own && own.failures > 0 ? (own.last_error ?? describeUnfinished(own.last_outside)) : null,
    },
  };
}

/** The plan with the next run of every schedule; not part of what the hash covers, since it moves with the clock. */
export async function planWithDates(services: Services, plugin: PluginRow, staged: VersionRow): Promise<Plan> {
  return withNextRuns(await planFor(services, plugin, toPlanned(staged)), services.now());
}

/** A schedule, as the API shows it. */
export function viewSchedule(
  row: ListedSchedule,
  plugin: Pick<PluginView, "state" | "needsSetup">,
): z.infer<typeof scheduleShape> {
  const timetable = parseTimetable(row);
  return {
    name: row.name,
    cron: row.schedule,
    timezone: row.timezone,
    nextRunAt: row.next_run_at,
    lastRunAt: row.last_run_at,
    waits: describeWait(row, plugin),
    paused: row.paused_at === null ? null : { at: row.paused_at, reason: row.paused_reason ?? "" },
    failures: row.failures,
    retrying: row.slot_at !== null,
    rules: timetable.ok ? { ...timetable.value.rules, spreadSeconds: timetable.value.spreadSeconds } : null,
  };
}

function describeWait(row: ListedSchedule, plugin: Pick<PluginView, "state" | "needsSetup">): string | null {
  if (plugin.state !== "enabled") return `The plugin is ${plugin.state}.`;
  if (row.paused_at !== null) return `Paused. ${row.paused_reason ?? ""}`;
  if (plugin.needsSetup.length === 0) return null;
  return `Needs setup: ${plugin.needsSetup.map((setting) => setting.label).join(", ")}.`;
}

async function present(services: Services, id: string): Promise<PluginRow> {
  const plugin = await getPlugin(services.db, id);
  if (!plugin || plugin.state === "uninstalled") {
    throw new HostError("NOT_FOUND", `There is no plugin "${id.slice(0, 64)}".`);
  }
  return plugin;
}

async function viewOne(
  services: Services,
  plugin: PluginRow,
  health: Health | undefined,
  bounds: Bounds,
): Promise<PluginView> {
  const { db } = services;
  const shown = plugin.live_version ?? plugin.staged_version;
  const [row, staged] = await Promise.all([
    shown === null ? latest(db, plugin.id) : getVersion(db, plugin.id, shown),
    plugin.staged_version === null ? null : getVersion(db, plugin.id, plugin.staged_version),
  ]);
  if (!row) throw new Error(`The plugin ${plugin.id} has no version`);
  const planned = readPlanned(row);
  if (!planned) return viewUnreadable(plugin, row, health);
  const { manifest } = planned;
  const needsSetup = plugin.live_version === null ? [] : findMissing(manifest, await readSettings(services, manifest));
  return {
    id: plugin.id,
    name: manifest.name,
    description: manifest.description,
    version: row.version,
    digest: row.digest,
    state: plugin.state,
    // Live, and yet nothing of it runs: whoever looks is told why.
    reason: plugin.reason ?? findHold(bounds, planned)?.reason ?? null,
    needsSetup: [...needsSetup],
    staged: staged
      ? {
          version: staged.version,
          digest: staged.digest,
          planHash: (await planFor(services, plugin, toPlanned(staged))).hash,
        }
      : null,
    pages: manifest.admin.pages.map(({ path, label, icon }) => ({
      path,
      label,
      ...(icon === undefined ? {} : { icon }),
    })),
    recentFailures: health?.failures ?? 0,
    updatedAt: plugin.updated_at,
  };
}

/** A version whose manifest this host no longer accepts is shown as that, and can still be removed. */
function viewUnreadable(plugin: PluginRow, row: VersionRow, health: Health | undefined): PluginView {
  return {
    id: plugin.id,
    name: plugin.id,
    description: "",
    version: row.version,
    digest: row.digest,
    state: plugin.state,
    reason: "This host no longer accepts its manifest. Upload a newer version, or remove it.",
    needsSetup: [],
    staged: null,
    pages: [],
    recentFailures: health?.failures ?? 0,
    updatedAt: plugin.updated_at,
  };
}

function readPlanned(row: VersionRow): ReturnType<typeof toPlanned> | undefined {
  try {
    return toPlanned(row);
  } catch {
    return undefined;
  }
}

async function latest(db: D1Database, id: string): Promise<VersionRow | null> {
  return (await listVersions(db, id))[0] ?? null;
}

function healthToday(services: Services): Promise<ReadonlyMap<string, Health>> {
  const now = services.now().getTime();
  return readHealth(services.db, {
    since: new Date(now - DAY_MS).toISOString(),
    unfinishedBefore: new Date(now - UNFINISHED_AFTER_MS).toISOString(),
  });
}

/** A grant, as the API shows it. */
export function viewGrant(grant: Grant): z.infer<typeof grantShape> {
  const { label, targets: kind = null } = describeCapability(grant.capability);
  return {
    capability: grant.capability,
    label,
    targetKind: kind,
    targets: grant.targets && [...grant.targets],
    methods: grant.methods && [...grant.methods],
    allowed: grant.allowed,
    mode: grant.mode,
    paused: grant.paused,
    grantedBy: grant.grantedBy,
    grantedAt: grant.grantedAt,
    note: grant.note,
    until: grant.until,
  };
}
