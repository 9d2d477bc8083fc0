/** Light or dark? The system decides until a person does; the choice is kept in this browser. */
import { useSyncExternalStore } from "react";

/** What a person can choose. */
export type Theme = "system" | "light" | "dark";

const KEY = "bulkhead-theme";
const ORDER: readonly Theme[] = ["system", "light", "dark"];
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();
let theme: Theme = readTheme();

/** The choice, and how to make another. */
export function useTheme(): readonly [Theme, (next: Theme) => void] {
  return [useSyncExternalStore(subscribe, () => theme), chooseTheme];
}

/** The choice after this one, for a button that goes round. */
export function nextTheme(current: Theme): Theme {
  return ORDER[(ORDER.indexOf(current) + 1) % ORDER.length] ?? "system";
}

/** Puts the choice on the document and follows the system from then on. */
export function startTheme(): void {
  applyTheme();
  dark.addEventListener("change", applyTheme);
}

function chooseTheme(next: Theme): void {
  theme = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // Storage may be switched off; the choice then lasts as long as the page.
  }
  applyTheme();
  for (const listener of listeners) listener();
}

function applyTheme(): void {
  const mode = theme === "system" ? (dark.matches ? "dark" : "light") : theme;
  document.documentElement.dataset["mode"] = mode;
  // The charts of plugin panels look for this name instead.
  document.documentElement.dataset["theme"] = mode;
}

function readTheme(): Theme {
  try {
    return ORDER.find((each) => each === localStorage.getItem(KEY)) ?? "system";
  } catch {
    return "system";
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
