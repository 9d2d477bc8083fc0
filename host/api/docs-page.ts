/** `/docs`: the API for people to read, drawn from the same document that `/api/openapi.json` sends. No script. */
import { html } from "hono/html";

/** The parts of an OpenAPI document this page draws. */
interface OpenApi {
  readonly info: { readonly title: string; readonly version: string };
  readonly paths?: Readonly<Record<string, unknown>>;
}
interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: unknown }>> };
  readonly responses?: Readonly<
    Record<
      string,
      { readonly description?: string; readonly content?: Readonly<Record<string, { readonly schema?: unknown }>> }
    >
  >;
}

const METHODS = ["get", "post", "put", "patch", "delete"] as const;

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.55 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h2 { margin-top: 2.5rem; } code { font: 0.9em ui-monospace, monospace; overflow-wrap: anywhere; }
details { border-top: 1px solid color-mix(in srgb, currentColor 18%, transparent); padding: 0.6rem 0; }
summary { cursor: pointer; } summary b { display: inline-block; min-width: 4.5rem; text-transform: uppercase; }
pre { overflow-x: auto; padding: 0.75rem; background: color-mix(in srgb, currentColor 7%, transparent); border-radius: 6px; }
`;

/** The page. */
export function renderDocs(document: OpenApi) {
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = (item as Readonly<Record<string, Operation>>)[method];
      return operation ? [{ path, method, operation }] : [];
    }),
  );
  const groups = Map.groupBy(operations, ({ operation }) => operation.tags?.[0] ?? "Other");
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${document.info.title} API</title>
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        <h1>${document.info.title} API <small>${document.info.version}</small></h1>
        <p>
          Send <code>Authorization: Bearer &lt;token&gt;</code>. Errors are problem documents with a stable
          <code>code</code>. The same as data: <a href="/api/openapi.json">/api/openapi.json</a>.
        </p>
        ${[...groups].map(
          ([tag, members]) =>
            html`<h2>${tag}</h2>
              ${members.map(renderOperation)}`,
        )}
      </body>
    </html>`;
}

function renderOperation({ path, method, operation }: { path: string; method: string; operation: Operation }) {
  const body = operation.requestBody?.content?.["application/json"]?.schema;
  const answers = Object.entries(operation.responses ?? {}).filter(([status]) => status !== "default");
  return html`<details>
    <summary><b>${method}</b> <code>/api${path}</code> ${operation.summary ?? ""}</summary>
    ${
      body === undefined
        ? ""
        : html`<p>Body</p>
            <pre><code>${JSON.stringify(body, null, 2)}</code></pre>`
    }
    ${answers.map(
      ([status, { description, content }]) =>
        html`<p>${status}: ${description ?? ""}</p>
          ${
            content?.["application/json"]?.schema === undefined
              ? ""
              : html`<pre><code>${JSON.stringify(content["application/json"].schema, null, 2)}</code></pre>`
          }`,
    )}
  </details>`;
}
