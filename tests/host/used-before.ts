/** How does a test make a plugin one that has used much? By rows of the hours in question, which every isolate then reads anew. */
import { target } from "#target";
import { QUOTAS } from "../../host/usage/quotas.ts";
import type { MeterName } from "../../host/usage/meters.ts";
import { rows } from "./client.ts";

/** What one plugin may use where the tests run. */
export const QUOTA = QUOTAS.paid;

/** The clock hour so many hours ago. */
export const hoursAgo = (hours: number): string =>
  new Date(Date.now() - hours * 3_600_000).toISOString().slice(0, "2026-11-23T04".length);

/** Says that all a plugin used of a meter is this amount, some hours ago. */
export async function setUsed(plugin: string, meter: MeterName, amount: number, hours = 0): Promise<void> {
  await target.env.DB.batch([
    target.env.DB.prepare("DELETE FROM _host_meters WHERE plugin_id = ? AND meter = ?").bind(plugin, meter),
    target.env.DB.prepare("INSERT INTO _host_meters (hour, plugin_id, meter, amount) VALUES (?, ?, ?, ?)").bind(
      hoursAgo(hours),
      plugin,
      meter,
      amount,
    ),
    target.env.DB.prepare("UPDATE _host_state SET generation = generation + 1"),
  ]);
}

/** What a plugin used of a meter, over all hours. */
export async function amountOf(plugin: string, meter: MeterName): Promise<number> {
  const [row] = await rows<{ amount: number }>(
    "SELECT coalesce(sum(amount), 0) AS amount FROM _host_meters WHERE plugin_id = ? AND meter = ?",
    plugin,
    meter,
  );
  return row!.amount;
}
