/** Which sections does this plugin have? Links, because each is a page with an address. */
import { useEffect, useRef, type ReactElement } from "react";
import { Link, useLocation } from "wouter";
import type { PluginDetail } from "../api/types.ts";
import { plainText } from "../display/plain-text.ts";
import { text } from "../text.ts";
import { panelPath, pluginPath, SECTIONS } from "./paths.ts";

export function SectionLinks({ plugin }: { readonly plugin: PluginDetail }): ReactElement {
  const [path] = useLocation();
  const panels = plugin.state === "enabled" ? plugin.pages : [];
  const current = useRef<HTMLAnchorElement>(null);
  // On a phone the row is longer than the screen.
  useEffect(() => {
    void current.current?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [path]);
  const links = [
    ...SECTIONS.map((section) => ({ to: pluginPath(plugin.id, section), label: text.section[section] })),
    ...panels.map((page) => ({ to: panelPath(plugin.id, page.path), label: plainText(page.label, 40) })),
  ];
  return (
    <nav className="sections" aria-label={text.section.label(plainText(plugin.name, 80))}>
      {links.map(({ to, label }) => (
        <Link key={to} href={to} {...(path === to ? { "aria-current": "page", ref: current } : {})}>
          {label}
        </Link>
      ))}
    </nav>
  );
}
