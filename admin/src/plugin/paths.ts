/** Where do a plugin's pages lie in the dashboard? The one place that knows, besides the route table. */

/** The sections of a plugin's page. */
export const SECTIONS = ["overview", "settings", "schedules", "permissions", "logs"] as const;

/** A section by name. */
export type Section = (typeof SECTIONS)[number];

/** A plugin's page. */
export function pluginPath(id: string, section: Section = "overview"): string {
  const base = `/plugins/${encodeURIComponent(id)}`;
  return section === "overview" ? base : `${base}/${section}`;
}

/** The calls into it, where failures are told. */
export function callsPath(id: string): string {
  return `${pluginPath(id, "logs")}?view=calls`;
}

/** Where its plan is read and consented to. */
export function consentPath(id: string): string {
  return `/plugins/${encodeURIComponent(id)}/consent`;
}

/** A page of the plugin's own; `page` is its path in the manifest, such as `/` or `/settings`. */
export function panelPath(id: string, page: string): string {
  return `/plugins/${encodeURIComponent(id)}/pages/${page.replace(/^\/+/, "")}`;
}

/** Whether an address belongs to a plugin. */
export function isInside(path: string, id: string): boolean {
  return path === pluginPath(id) || path.startsWith(`${pluginPath(id)}/`);
}
