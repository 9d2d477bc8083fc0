/** What stands around the pages: data, messages, routing, the session. */
import { Toasty } from "@cloudflare/kumo/components/toast";
import { LinkProvider } from "@cloudflare/kumo/utils";
import { QueryClientProvider } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import { Router } from "wouter";
import { createDataClient } from "./api/data-client.ts";
import { Pages } from "./pages.tsx";
import { SessionGate } from "./session/session-gate.tsx";
import { AppLink } from "./shell/app-link.tsx";
import { useGuardedLocation } from "./shell/unsaved-changes.ts";

/** `/admin`: where the Worker serves the dashboard, without the slash. */
const BASE = import.meta.env.BASE_URL.replace(/\/$/, "");

export function App(): ReactElement {
  const [client] = useState(createDataClient);
  return (
    <QueryClientProvider client={client}>
      <Toasty>
        <Router base={BASE} hook={useGuardedLocation}>
          <LinkProvider component={AppLink}>
            <SessionGate>
              <Pages />
            </SessionGate>
          </LinkProvider>
        </Router>
      </Toasty>
    </QueryClientProvider>
  );
}
