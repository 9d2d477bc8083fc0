/** What the build provides that TypeScript cannot see: style imports, and the path under which the dashboard is served. */
declare module "*.css";
declare module "@cloudflare/kumo/styles/*";

interface ImportMeta {
  readonly env: { readonly BASE_URL: string };
}
