/** A plugin's own page: one interaction in, blocks out. What comes back is untrusted. */
import { api, read, segment } from "./client.ts";

/** Opening a page, pressing a button or sending a form. */
export type PanelInteraction =
  | { readonly type: "page_load"; readonly page: string }
  | {
      readonly type: "block_action";
      readonly action_id: string;
      readonly block_id?: string | undefined;
      readonly value?: unknown;
    }
  | {
      readonly type: "form_submit";
      readonly action_id: string;
      readonly block_id?: string | undefined;
      readonly values: Record<string, unknown>;
    };

/** What a plugin answers, as far as the host promises anything about it. */
export interface PanelAnswer {
  readonly blocks?: unknown;
  readonly toast?: { readonly message?: unknown; readonly type?: unknown } | undefined;
}

export function interact(id: string, interaction: PanelInteraction): Promise<PanelAnswer> {
  return read(api.admin.plugins[":id"].panel.$post({ param: { id: segment(id) }, json: interaction }));
}
