/** What the admin API sends: one zod schema per shape, from which types, the OpenAPI document and `hc` derive. */
import { z } from "@hono/zod-openapi";
import { capabilityNames, isCapability, type Capability } from "@bulkhead/sdk";
import { GAUGE_NAMES, METER_NAMES, type GaugeName, type MeterName } from "../usage/meters.ts";

/** The reference lists them; an application that mounts the host may add its own. */
const capability = z
  .custom<Capability>((value) => typeof value === "string" && isCapability(value), {
    error: ({ input }) =>
      `${JSON.stringify(input)?.slice(0, 80) ?? "Nothing"} is no power of this host. Expected one of ${capabilityNames().join(", ")}`,
  })
  .openapi({ type: "string", example: "content:read" });
const time = z.string().openapi({ description: "ISO 8601", example: "2026-11-23T04:00:00.000Z" });

/** Where a plugin stands. */
export const stateShape = z.enum([
  "uploaded",
  "activating",
  "enabled",
  "disabled",
  "parked",
  "rejected",
  "uninstalled",
]);

/** A required setting that has no value yet. */
export const missingSettingShape = z.object({ key: z.string(), label: z.string() });

/** A plugin in a list. */
export const pluginShape = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    version: z.string().openapi({ description: "The live version, or the one that waits while none is live" }),
    digest: z.string().openapi({ description: "sha256 of that version's files" }),
    state: stateShape,
    /** Why it is parked, or why the last act failed. */
    reason: z.string().nullable(),
    needsSetup: z.array(missingSettingShape),
    /** A newer version that waits for consent while the live one runs. */
    staged: z.object({ version: z.string(), digest: z.string(), planHash: z.string() }).nullable(),
    pages: z.array(z.object({ path: z.string(), label: z.string(), icon: z.string().optional() })),
    recentFailures: z.number().int().openapi({ description: "Failed invocations in the last 24 hours" }),
    updatedAt: time,
  })
  .openapi("Plugin");

/** Something a reviewer should know before saying yes. */
export const findingShape = z.object({
  level: z.enum(["info", "warning", "danger"]),
  code: z.string(),
  message: z.string(),
});

/** Who signed a version, as far as the registered keys prove it. */
export const signerShape = z.object({
  state: z.enum(["unsigned", "unregistered", "registered", "revoked"]),
  keyId: z.string().nullable().openapi({ description: "sha256 of the public key" }),
  publisher: z.string().nullable().openapi({ description: "Proven where the state is `registered`" }),
  signedAt: time.nullable(),
  expiresAt: time.nullable().openapi({ description: "Until when it can be consented to" }),
});

const names = z.array(z.string().max(256)).max(64).optional();
/** What a person narrows a power to, by kind of target; a kind that is left out stays as it is. */
export const targetLists = { hosts: names, collections: names, tables: names, slots: names, paths: names };

/** What a power is narrowed to: names of one kind, or null for all. */
const targetShape = {
  targetKind: z.enum(["hosts", "collections", "tables", "slots", "paths"]).nullable(),
  targets: z.array(z.string()).nullable(),
};

/** What consent would change. Consent is given to `hash`. */
export const planShape = z
  .object({
    hash: z.string(),
    kind: z.enum(["install", "update"]),
    plugin: z.object({
      id: z.string(),
      name: z.string(),
      description: z.string(),
      version: z.string(),
      digest: z.string(),
    }),
    signer: signerShape.extend({
      change: z.enum(["none", "first", "same", "rotated", "changed", "missing"]).openapi({
        description: "How its signer stands to the key the versions before were held to",
      }),
      pinnedKeyId: z.string().nullable(),
      accept: z.string().nullable().openapi({
        description: "What consent must send as `acceptSigner`: the signer is not the one before",
      }),
    }),
    from: z.object({ version: z.string(), digest: z.string() }).nullable(),
    capabilities: z.array(
      z.object({
        name: capability,
        label: z.string(),
        group: z.enum(["reads", "changes", "sends", "runs"]),
        risk: z.enum(["low", "medium", "high"]),
        change: z.enum(["added", "kept", "removed"]),
        purpose: z.string().nullable(),
        optional: z.boolean(),
        ...targetShape,
        /** Targets an update adds. */
        addedTargets: z.array(z.string()),
      }),
    ),
    hosts: z.array(z.string()),
    /** Hosts an update adds. */
    addedHosts: z.array(z.string()),
    /** Settings whose value names a further host; effective only once granted. */
    hostsFromSettings: z.array(z.string()),
    /** Tables of its own, which its migrations make. */
    tables: z.array(z.string()),
    routes: z.array(z.object({ name: z.string(), public: z.boolean() })),
    hooks: z.array(
      z.object({
        name: z.string(),
        when: z.string(),
        active: z.boolean(),
        observes: z.boolean(),
        reason: z.string().nullable(),
      }),
    ),
    schedules: z.array(
      z.object({
        name: z.string(),
        cron: z.string(),
        timezone: z.string(),
        jitter: z.number().int().openapi({ description: "Seconds by which it may come late; nextRunAt has it" }),
        nextRunAt: time.nullable(),
      }),
    ),
    settings: z.array(z.object({ key: z.string(), label: z.string(), secret: z.boolean(), required: z.boolean() })),
    secrets: z.array(
      z.object({
        key: z.string(),
        hosts: z.array(z.string()),
        pointers: z.array(z.string()).openapi({ description: "Places in JSON bodies where it is filled in" }),
        readable: z.boolean(),
      }),
    ),
    findings: z.array(findingShape),
    escalation: z.boolean(),
    bytes: z.number().int(),
  })
  .openapi("Plan");

/** A power a plugin version has. */
export const grantShape = z
  .object({
    capability,
    label: z.string(),
    ...targetShape,
    methods: z.array(z.string()).nullable(),
    allowed: z.boolean(),
    mode: z.enum(["enforce", "report"]),
    paused: z.boolean(),
    grantedBy: z.string(),
    grantedAt: time,
    note: z.string().nullable(),
    until: time.nullable(),
  })
  .openapi("Grant");

/** A schedule with its next run. */
export const scheduleShape = z
  .object({
    name: z.string(),
    cron: z.string(),
    timezone: z.string(),
    nextRunAt: time.nullable(),
    lastRunAt: time.nullable(),
    /** Why it waits, when it does: disabled, needs setup, paused. */
    waits: z.string().nullable(),
    paused: z
      .object({ at: time, reason: z.string() })
      .nullable()
      .openapi({ description: "The host paused it; POST .../resume takes that back" }),
    failures: z.number().openapi({ description: "Times in a row that failed with all their tries" }),
    retrying: z.boolean().openapi({ description: "nextRunAt is that of another try for the same time" }),
    rules: z
      .object({
        overlap: z.enum(["skip", "queue"]),
        catchUp: z.enum(["one", "none"]),
        retries: z.number().int(),
        jitterSeconds: z.number().int(),
        spreadSeconds: z.number().int().openapi({
          description: "Seconds it comes after what its expression says; fixed, and nextRunAt has it",
        }),
      })
      .nullable()
      .openapi({ description: "null: the row cannot be understood" }),
  })
  .openapi("Schedule");

/** A run of a schedule. */
export const runShape = z
  .object({
    id: z.string(),
    schedule: z.string(),
    status: z.enum(["due", "running", "ok", "failed", "crashed", "skipped"]).openapi({
      description: "crashed: its Worker stopped before it ended; skipped: it was never begun, error says why",
    }),
    dueAt: time,
    attempt: z.number().int().openapi({ description: "Which try for this time; 1 is the first" }),
    startedAt: time.nullable(),
    durationMs: z.number().nullable(),
    fuel: z.number().nullable(),
    hostCalls: z.number().nullable(),
    error: z.string().nullable(),
  })
  .openapi("Run");

/** A plugin with everything its page shows. */
export const pluginDetailShape = pluginShape
  .extend({
    plan: planShape.nullable().openapi({ description: "What waits for consent" }),
    versions: z.array(
      z.object({
        version: z.string(),
        digest: z.string(),
        state: z.enum(["live", "staged", "kept", "rejected"]),
        uploadedAt: time,
        uploadedBy: z.string(),
        signer: signerShape,
      }),
    ),
    pin: z
      .object({
        keyId: z.string(),
        publisher: z.string(),
        how: z.enum(["first", "rotated", "replaced", "accepted"]).openapi({
          description:
            "first: the first that was consented to; rotated: named by the key before; replaced: by an administrator's word; accepted: by name at a consent",
        }),
        previousKeyId: z.string().nullable(),
        pinnedAt: time,
        pinnedBy: z.string(),
      })
      .nullable()
      .openapi({ description: "The key its updates are held to" }),
    grants: z.array(grantShape),
    hooks: planShape.shape.hooks,
    routes: planShape.shape.routes,
    schedules: z.array(scheduleShape),
    health: z.object({
      invocations: z.number().int(),
      failures: z.number().int(),
      lastError: z.string().nullable(),
      warnings: z
        .array(z.string())
        .openapi({ description: "What somebody should see to, e.g. a key that was revoked" }),
    }),
  })
  .openapi("PluginDetail");

/** A setting with its definition and value. */
export const settingShape = z
  .object({
    key: z.string(),
    field: z.object({
      type: z.enum(["string", "number", "boolean", "select", "secret", "url", "email"]),
      label: z.string(),
      description: z.string().optional(),
      multiline: z.boolean().optional(),
      min: z.number().optional(),
      max: z.number().optional(),
      placeholder: z.string().optional(),
      options: z.array(z.object({ value: z.string(), label: z.string() })).optional(),
    }),
    required: z.boolean(),
    /** The stored value, or the default; null where there is neither. For a secret: whether and when it was set. */
    value: z
      .union([z.string(), z.number(), z.boolean(), z.object({ set: z.boolean(), at: time.nullable() })])
      .nullable(),
    /** What is wrong with the text that stands in KV, if anything. */
    fault: z.string().nullable(),
  })
  .openapi("Setting");

/** One entry into a plugin. */
export const invocationShape = z
  .object({
    id: z.string(),
    at: time,
    kind: z.enum(["route", "hook", "page", "schedule", "panel", "lifecycle"]),
    name: z.string(),
    status: z.enum(["running", "ok", "threw", "stopped", "unfinished"]).openapi({
      description:
        "running: it acted outside the database and has not ended; unfinished: it has not ended and no longer can",
    }),
    durationMs: z.number(),
    fuel: z.number(),
    peakBytes: z.number(),
    hostCalls: z.number(),
    requests: z.number(),
    bytesIn: z.number(),
    bytesOut: z.number(),
    outside: z.string().nullable().openapi({
      description: "Its first call with an effect outside the database, written down before it",
      example: "http.fetch POST api.shop.example",
    }),
    error: z.string().nullable(),
    place: z.string().nullable().openapi({
      description: "Where it was thrown, in the author's file if the bundle has a source map",
      example: "src/index.ts:12:3",
    }),
  })
  .openapi("Invocation");

/** Where a plugin failed, in plain text of bounded length. */
export const traceShape = z
  .object({
    place: z.string().nullable(),
    note: z.string().nullable().openapi({ description: "Why places are those of backend.js, where they are" }),
    errors: z
      .array(
        z.object({
          name: z.string(),
          message: z.string(),
          frames: z.array(
            z.object({
              name: z.string().nullable(),
              file: z.string(),
              line: z.number().int(),
              column: z.number().int().nullable(),
              code: z
                .object({ file: z.string(), line: z.number().int(), text: z.string() })
                .nullable()
                .openapi({ description: "A few lines around the place, for a fixed-width font" }),
            }),
          ),
        }),
      )
      .openapi({ description: "What was thrown, then what caused it" }),
  })
  .openapi("Trace");

/** One entry into a plugin, with where it failed. */
export const invocationDetailShape = invocationShape
  .extend({ trace: traceShape.nullable() })
  .openapi("InvocationDetail");

/** One log line of a plugin. */
export const logShape = z
  .object({
    at: time,
    level: z.enum(["debug", "info", "warn", "error"]),
    message: z.string(),
    data: z.unknown().nullable(),
    invocation: z.string().nullable(),
  })
  .openapi("LogLine");

/** A plugin in the catalogue. */
export const catalogItemShape = z
  .object({
    id: z.string(),
    name: z.string(),
    version: z.string(),
    description: z.string(),
    capabilities: z.array(z.object({ name: z.string(), label: z.string() })),
    allowedHosts: z.array(z.string()),
    size: z.number().int(),
    sha256: z.string(),
    installed: z.string().nullable().openapi({ description: "The installed version" }),
  })
  .openapi("CatalogItem");

/** Who signed in. */
export const sessionShape = z
  .object({
    id: z.string(),
    name: z.string(),
    role: z.enum(["admin", "publisher", "reviewer", "editor"]),
    expiresAt: time.nullable(),
  })
  .openapi("Session");

/** One act in the audit trail. */
export const auditShape = z
  .object({
    seq: z.number().int(),
    at: time,
    actor: z.string(),
    act: z.string(),
    target: z.string(),
    detail: z.unknown(),
  })
  .openapi("AuditRow");

const counts = {
  calls: z.number().int(),
  denied: z.number().int(),
  /** Done although the grant does not give it, because the grant is being tried out. */
  reported: z.number().int(),
  lastUsedAt: time.nullable(),
};
const quotaLevel = z.enum(["ok", "warn", "exceeded"]);
const share = { used: z.number(), limit: z.number(), level: quotaLevel };

/** What a plugin was granted against what it used, and what its quotas leave it. */
export const usageShape = z
  .object({
    since: time.openapi({ description: "Uses are counted from here on" }),
    powers: z.array(
      z.object({
        capability,
        label: z.string(),
        requested: z.boolean().openapi({ description: "Whether the live version asks for it" }),
        allowed: z.boolean(),
        mode: z.enum(["enforce", "report"]),
        paused: z.boolean(),
        until: time.nullable(),
        ...counts,
        targetKind: targetShape.targetKind,
        targets: z
          .array(z.object({ name: z.string(), granted: z.boolean(), ...counts }))
          .openapi({ description: "What is granted by name, and what was used" }),
      }),
    ),
    own: z
      .array(z.object({ family: z.string(), ...counts }))
      .openapi({ description: "Methods that need no power, by family" }),
    meters: z.array(
      z.object({
        meter: z.enum(METER_NAMES as [MeterName, ...MeterName[]]),
        unit: z.string(),
        windows: z.array(
          z.object({
            window: z.enum(["hour", "day", "month"]),
            ...share,
            renewsAt: time.openapi({ description: "When all that was used by now is forgotten" }),
          }),
        ),
      }),
    ),
    stored: z.array(
      z.object({ gauge: z.enum(GAUGE_NAMES as [GaugeName, ...GaugeName[]]), unit: z.string(), ...share }),
    ),
    suggestions: z.array(
      z.object({
        code: z.enum(["unused", "narrow", "enforce"]),
        capability,
        message: z.string(),
        change: z
          .record(z.string(), z.unknown())
          .openapi({ description: "For `PUT /plugins/{id}/grants`, among its `grants`" }),
      }),
    ),
  })
  .openapi("Usage");

/** A page of any shape. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), cursor: z.string().optional() });
}
