/** How is the plugin, what should one do, and how is it switched off or removed? */
import type { ReactElement } from "react";
import type { PluginDetail } from "../api/types.ts";
import { Card } from "../display/card.tsx";
import { plainText } from "../display/plain-text.ts";
import { text } from "../text.ts";
import { HealthCard } from "./health-card.tsx";
import { NextStepCard } from "./next-step-card.tsx";
import { PowerCard } from "./power-card.tsx";
import { UninstallDialog } from "./uninstall-dialog.tsx";
import { VersionsCard } from "./versions-card.tsx";

export function Overview({ plugin }: { readonly plugin: PluginDetail }): ReactElement {
  return (
    <div className="column">
      <NextStepCard plugin={plugin} />
      <HealthCard plugin={plugin} />
      <PowerCard plugin={plugin} />
      <VersionsCard plugin={plugin} />
      {plugin.state === "uninstalled" ? null : (
        <Card
          title={text.uninstall.title}
          hint={text.uninstall.hint(plainText(plugin.name, 80))}
          actions={<UninstallDialog plugin={plugin} />}
        >
          {null}
        </Card>
      )}
    </div>
  );
}
