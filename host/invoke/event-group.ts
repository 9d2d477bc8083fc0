/**
 * Which VM does an entry run in? Entries of one event share one per plugin, so that what `beforeSave` remembers `afterSave`
 * finds. The pool may take an idle one back for somebody who waits; its plugin then starts afresh.
 */
import type { Outcome, Vm } from "../../sandbox/index.ts";
import type { ActivePlugin } from "../registry/active-plugin.ts";

/** Why there is no VM. */
export interface Refused {
  readonly outcome: Outcome;
  /** See `Entered.isCallersLimit`. */
  readonly isCallersLimit: boolean;
  /** See `Entered.retryAfter`. */
  readonly retryAfter?: number;
}

/** A VM, or why there is none. */
export type Opened = Vm | Refused;

/** Opens a VM of a plugin; `onReclaim` is called when the pool has taken it back, which it may once it was entered. */
export type OpenVm = (onReclaim: () => void) => Promise<Opened>;

/** VMs for the entries of one event. */
export interface VmGroup {
  /** Runs `work` in the plugin's VM, opened where there is none; entries into one plugin take turns. */
  use<Value>(plugin: ActivePlugin, open: OpenVm, work: (vm: Opened) => Promise<Value>): Promise<Value>;
  /** Closes a plugin's VM once its entries have ended; the next entry gets a new one. */
  release(plugin: string): void;
  close(): void;
}

/** A group of VMs. */
export function createVmGroup(): VmGroup {
  const held = new Map<string, Vm>();
  const inUse = new Set<string>();
  const turns = new Map<string, Promise<unknown>>();
  let closed = false;

  function closeOne(id: string): void {
    held.get(id)?.close();
    held.delete(id);
  }

  async function enter<Value>(id: string, open: OpenVm, work: (vm: Opened) => Promise<Value>): Promise<Value> {
    const known = held.get(id);
    // Nothing is awaited between here and the entry: a VM that does nothing may be taken back meanwhile.
    if (known) return work(known);
    const opened = await open(() => held.delete(id));
    if ("invoke" in opened) held.set(id, opened);
    return work(opened);
  }

  return {
    use({ id }, open, work) {
      const turn = (turns.get(id) ?? Promise.resolve()).then(async () => {
        inUse.add(id);
        try {
          return await enter(id, open, work);
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
      for (const id of held.keys()) if (!inUse.has(id)) closeOne(id);
    },
  };
}
