/** What a newcomer sees instead of a list: what a plugin is and the two ways to get one. */
import type { ReactElement } from "react";
import { Icon } from "../display/icon.tsx";
import { LinkButton } from "../display/link-button.tsx";
import { text } from "../text.ts";

export function NoPlugins(): ReactElement {
  return (
    <section className="empty">
      <Icon name="plugin" size={40} />
      <h2>{text.plugins.emptyTitle}</h2>
      <p className="hint">{text.plugins.emptyDetail}</p>
      <ol className="steps">
        {text.plugins.emptySteps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <LinkButton to="/catalogue" variant="primary">
        {text.plugins.openCatalogue}
      </LinkButton>
    </section>
  );
}
