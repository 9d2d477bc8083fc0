/** How the dashboard is built: static files under `/admin/`, written where the Worker's assets lie. */
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { limitFirstLoad } from "./build/limit-first-load.ts";
import { ownCopy } from "./build/own-copy.ts";

/** Most script, gzipped, that the first page may load. */
const FIRST_LOAD_BYTES = 200_000;

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "/admin/",
  plugins: [
    react(),
    ownCopy("@emdash-cms/blocks", ["@emdash-cms/blocks", "@cloudflare/kumo"]),
    limitFirstLoad(FIRST_LOAD_BYTES),
  ],
  build: {
    outDir: fileURLToPath(new URL("../dist/assets/admin", import.meta.url)),
    emptyOutDir: true,
    target: "es2022",
    // The polyfill would only serve browsers that `target` already leaves out.
    modulePreload: { polyfill: false },
    // Data URLs would need a wider Content-Security-Policy.
    assetsInlineLimit: 0,
    // The panel chunk carries the chart library; it is loaded only by who opens a panel.
    chunkSizeWarningLimit: 2_000,
  },
  server: { proxy: { "/api": "http://127.0.0.1:8787" } },
});
