/** Asks to sign in again over the page that was open, which stays as it is. */
import { Dialog } from "@cloudflare/kumo/components/dialog";
import type { ReactElement } from "react";
import { text } from "../text.ts";
import { SignInForm } from "./sign-in-form.tsx";

export function SessionEnded({ open }: { readonly open: boolean }): ReactElement {
  return (
    <Dialog.Root open={open} disablePointerDismissal>
      <Dialog className="dialog" size="sm">
        <Dialog.Title className="dialog-title">{text.signIn.endedTitle}</Dialog.Title>
        <Dialog.Description className="hint">{text.signIn.endedDetail}</Dialog.Description>
        <SignInForm />
      </Dialog>
    </Dialog.Root>
  );
}
