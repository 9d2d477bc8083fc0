/** One offered plugin: what it does, what it would ask for, and the button that leads to consent. */
import { Badge } from "@cloudflare/kumo/components/badge";
import { Button } from "@cloudflare/kumo/components/button";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, type ReactElement } from "react";
import { useLocation } from "wouter";
import { catalogueQuery, installFromCatalogue } from "../api/catalogue.ts";
import { pluginsQuery } from "../api/plugins.ts";
import type { CatalogItem } from "../api/types.ts";
import { byteSize } from "../display/byte-words.ts";
import { LinkButton } from "../display/link-button.tsx";
import { plainText } from "../display/plain-text.ts";
import { ProblemNotice } from "../display/problem-notice.tsx";
import { consentPath, pluginPath } from "../plugin/paths.ts";
import { text } from "../text.ts";

export function CatalogueCard({ item }: { readonly item: CatalogItem }): ReactElement {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const title = useId();
  const name = plainText(item.name, 80);
  const install = useMutation({
    mutationFn: () => installFromCatalogue(item.id),
    onSuccess: ({ plugin }) => {
      void client.invalidateQueries({ queryKey: pluginsQuery.queryKey });
      void client.invalidateQueries({ queryKey: catalogueQuery.queryKey });
      navigate(consentPath(plugin.id));
    },
  });
  const label = item.installed === null ? text.catalogue.install : text.catalogue.update(item.version);
  return (
    <li className="card" aria-labelledby={title}>
      <header className="card-header">
        <h2 id={title}>{name}</h2>
        {item.installed === null ? null : <Badge variant="success">{text.catalogue.installed(item.installed)}</Badge>}
      </header>
      <p>{plainText(item.description, 400)}</p>
      <div className="asks">
        <h3>{text.catalogue.asks}</h3>
        <ul className="bullets">
          {item.capabilities.map((capability) => (
            <li key={capability.name}>{plainText(capability.label, 160)}</li>
          ))}
        </ul>
        {item.allowedHosts.length > 0 ? (
          <p className="chips">
            {item.allowedHosts.map((host) => (
              <code key={host} className="chip">
                {plainText(host, 120)}
              </code>
            ))}
          </p>
        ) : null}
      </div>
      {install.error ? <ProblemNotice error={install.error} /> : null}
      <footer className="card-footer">
        <span className="hint">
          {text.plugins.version(item.version)} · {byteSize(item.size)}
        </span>
        {item.installed === item.version ? (
          <LinkButton to={pluginPath(item.id)}>{text.catalogue.open}</LinkButton>
        ) : (
          <Button
            variant="primary"
            loading={install.isPending}
            onClick={() => install.mutate()}
            aria-label={text.catalogue.installNamed(label, name)}
          >
            {label}
          </Button>
        )}
      </footer>
    </li>
  );
}
