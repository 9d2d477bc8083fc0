/**
 * What does the minute clock do for the audit? It moves the denials of finished minutes into the chain, and anchors the
 * head where that has not happened. Two clocks at once move nothing twice: the chain's number lets one of them commit.
 */
import type { Services } from "../services.ts";
import { listDenials, takeDenials, type DenialRow } from "../store/d1/denials.ts";
import { readHead } from "../store/d1/audit.ts";
import { appendToAudit } from "./append.ts";
import type { AuditEvent } from "./chain.ts";
import { toMinute } from "./denials.ts";

/** Rows moved in one commit, and commits of one tick; the rest follows at the next. */
const MOVES = { rows: 200, commits: 10 } as const;

/** Never throws: what could not be kept this minute is kept the next. */
export async function keepAudit(services: Services): Promise<void> {
  const { db, anchors, log } = services;
  try {
    await moveDenials(services);
    if (!anchors) return;
    anchors.note(await readHead(db));
    await anchors.flush();
  } catch (error) {
    log("error", "audit not kept", { error: String(error) });
  }
}

async function moveDenials(services: Services): Promise<void> {
  const before = toMinute(services.now());
  for (let commit = 0; commit < MOVES.commits; commit++) {
    const moved = await appendToAudit(services, async () => {
      const rows = await listDenials(services.db, before, MOVES.rows);
      const at = services.now().toISOString();
      return {
        statements: takeDenials(services.db, rows),
        events: rows.map((row) => toEvent(row, at)),
        value: rows.length,
      };
    });
    if (moved < MOVES.rows) return;
  }
}

function toEvent({ plugin_id: plugin, capability, minute, count, targets }: DenialRow, at: string): AuditEvent {
  return {
    at,
    actor: `plugin:${plugin}`,
    act: "plugin.denied",
    target: plugin,
    detail: { capability, minute, count, targets },
  };
}
