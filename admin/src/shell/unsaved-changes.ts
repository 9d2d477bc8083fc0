/**
 * May the person leave this page? While a form holds unsaved changes the router goes on showing it, whatever moved the
 * address (link, button, or the browser's back), until the person has chosen. Closing the tab asks in the browser's words.
 */
import { useEffect, useSyncExternalStore } from "react";
import { useBrowserLocation } from "wouter/use-browser-location";

/** The path that must not be left, or null. */
let held: string | null = null;
const listeners = new Set<() => void>();

/** Holds the page while `unsaved` is "yes". */
export function useUnsavedChanges(unsaved: "yes" | "no"): void {
  useEffect(() => {
    if (unsaved === "no") return;
    hold(window.location.pathname);
    window.addEventListener("beforeunload", refuse);
    return () => {
      hold(null);
      window.removeEventListener("beforeunload", refuse);
    };
  }, [unsaved]);
}

/** For wouter's `Router`: the browser's location, except while a page is held. */
export const useGuardedLocation: typeof useBrowserLocation = (options) => {
  const [path, navigate] = useBrowserLocation(options);
  const kept = useSyncExternalStore(subscribe, () => held);
  return [kept ?? path, navigate];
};

/** Whether somebody tries to leave a held page, and the two answers. */
export function useLeaveRequest(): { readonly leave: () => void; readonly stay: () => void } | null {
  const [path, navigate] = useBrowserLocation();
  const kept = useSyncExternalStore(subscribe, () => held);
  if (kept === null || kept === path) return null;
  return { leave: () => hold(null), stay: () => navigate(kept) };
}

function hold(path: string | null): void {
  held = path;
  for (const listener of listeners) listener();
}

function refuse(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
