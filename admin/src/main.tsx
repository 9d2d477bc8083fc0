/** Starts the dashboard. */
import "@cloudflare/kumo/styles/standalone";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/display.css";
import "./styles/pages.css";
import "./styles/consent.css";
import "./styles/plugin.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { startTheme } from "./shell/theme.ts";

startTheme();
const root = document.getElementById("root");
if (!root) throw new Error("The page has no #root to draw into.");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
