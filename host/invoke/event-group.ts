/**
 * Which VM does an entry run in? Entries of one event share one per plugin, so that what `beforeSave` remembers `afterSave`
 * finds. A group keeps few at once, and gives idle ones up where others wait; a plugin whose VM was closed starts afresh.
 */
import type { Outcome, Vm } from "../../sandbox/index.ts";
import type { ActivePlugin } from "../registry/active-plugin.ts";
import type { Release, Slots } from "./slots.ts";
import { SLOT_WAIT_MS } from "./slots.ts";

/** A VM, or why there is none. */
export type Opened = Vm | Outcome;

/** VMs for the entries of one event. */
export interface VmGroup {
  /** Runs `work` in the plugin's VM; entries into one plugin take turns. */
  use<Value>(plugin: ActivePlugin, work: (vm: Opened) => Promise<Value>): Promise<Value>;
  /** Closes a plugin's VM once its entries have ended; the next entry gets a new one. */
  release(plugin: string): void;
  close(): void;
}

/** What a group needs. */
export interface VmGroupParts {
  readonly open: (plugin: ActivePlugin) => Promise<Opened>;
  readonly slots: Slots;
  readonly busy: (plugin: ActivePlugin) => Outcome;
}

/** VMs a group keeps between entries. */
const KEPT = 3;

interface Held {
  readonly vm: Opened;
  readonly release: Release;
}

/** A group of VMs. */
export function createVmGroup({ open, slots, busy }: VmGroupParts): VmGroup {
  // In order of last use: the first is the one unused for longest.
  const held = new Map<string, Held>();
  const inUse = new Set<string>();
  const turns = new Map<string, Promise<unknown>>();
  let closed = false;

  function closeOne(id: string): void {
    const found = held.get(id);
    if (!found) return;
    held.delete(id);
    if ("close" in found.vm) found.vm.close();
    found.release();
  }

  function closeIdle(): boolean {
    const idle = [...held.keys()].find((id) => !inUse.has(id));
    if (idle !== undefined) closeOne(idle);
    return idle !== undefined;
  }

  // SECURITY: nobody waits for a place that a VM holds which does nothing. (tests/host/attacks.test.ts, "by more listeners than there are places")
  const leave = slots.onPressure(closeIdle);

  async function vmOf(plugin: ActivePlugin): Promise<Opened> {
    const found = held.get(plugin.id);
    if (found) {
      held.delete(plugin.id);
      held.set(plugin.id, found);
      return found.vm;
    }
    if (held.size >= KEPT) closeIdle();
    const release = await slots.take(SLOT_WAIT_MS);
    if (!release) return busy(plugin);
    try {
      const vm = await open(plugin);
      held.set(plugin.id, { vm, release });
      return vm;
    } catch (error) {
      release();
      throw error;
    }
  }

  return {
    use(plugin, work) {
      const { id } = plugin;
      const turn = (turns.get(id) ?? Promise.resolve()).then(async () => {
        inUse.add(id);
        try {
          return await work(await vmOf(plugin));
        } finally {
          inUse.delete(id);
          if (closed) closeOne(id);
        }
      });
      turns.set(
        id,
        turn.catch(() => {}),
      );
      return turn;
    },
    release(plugin) {
      if (!inUse.has(plugin)) closeOne(plugin);
    },
    close() {
      closed = true;
      leave();
      for (const id of held.keys()) if (!inUse.has(id)) closeOne(id);
    },
  };
}
