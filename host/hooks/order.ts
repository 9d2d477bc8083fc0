/**
 * In which order do the listeners of an event run? Dependencies first, then priority (lower first), then plugin id.
 * Pure. A dependency that is not installed is no obstacle; a cycle falls back to priority.
 */

/** A listener as ordering sees it. */
export interface Orderable {
  readonly plugin: string;
  readonly priority: number;
  readonly dependencies: readonly string[];
}

/** The listeners in the order they run. */
export function orderListeners<Listener extends Orderable>(listeners: readonly Listener[]): readonly Listener[] {
  const byPriority = listeners.toSorted((a, b) => a.priority - b.priority || (a.plugin < b.plugin ? -1 : 1));
  const present = new Set(byPriority.map((listener) => listener.plugin));
  const done = new Set<string>();
  const ordered: Listener[] = [];
  let waiting = byPriority;
  while (waiting.length > 0) {
    const ready = waiting.find((listener) => listener.dependencies.every((id) => !present.has(id) || done.has(id)));
    const next = ready ?? waiting[0]!;
    ordered.push(next);
    done.add(next.plugin);
    waiting = waiting.filter((listener) => listener !== next);
  }
  return ordered;
}
