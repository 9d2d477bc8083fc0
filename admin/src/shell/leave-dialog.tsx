/** Asks before unsaved changes are lost. */
import { Button } from "@cloudflare/kumo/components/button";
import { Dialog } from "@cloudflare/kumo/components/dialog";
import type { ReactElement } from "react";
import { text } from "../text.ts";
import { useLeaveRequest } from "./unsaved-changes.ts";

export function LeaveDialog(): ReactElement {
  const request = useLeaveRequest();
  return (
    <Dialog.Root
      open={request !== null}
      onOpenChange={(open) => {
        if (!open) request?.stay();
      }}
    >
      <Dialog className="dialog" size="sm">
        <Dialog.Title className="dialog-title">{text.unsaved.title}</Dialog.Title>
        <Dialog.Description className="hint">{text.unsaved.detail}</Dialog.Description>
        <div className="dialog-actions">
          <Button onClick={() => request?.stay()}>{text.unsaved.stay}</Button>
          <Button variant="destructive" onClick={() => request?.leave()}>
            {text.unsaved.leave}
          </Button>
        </div>
      </Dialog>
    </Dialog.Root>
  );
}
