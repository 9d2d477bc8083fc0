/** How does a test speak to the host? Through HTTP like anybody; what it gets back is loosely typed and asserted whole. */
import { expect, vi } from "vitest";
import { target } from "#target";
import { packPlugin, type PluginSource } from "../support/bundle.ts";
import { ORIGIN, SECRETS } from "../support/target.ts";

/** A response, read. */
export interface Answer<Body = Json> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** JSON of which a test knows the shape; its leaves are only ever compared. */
export interface Json {
  readonly [key: string]: Json;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Without it the administrator's token is sent. */
  readonly as?: "visitor";
}

const BEARER = { authorization: `Bearer ${SECRETS.BOOTSTRAP_TOKEN}` };

/** Sends a request. A body that is no stream of bytes goes as JSON. */
export async function call<Body = Json>(
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<Answer<Body>> {
  const { headers = {}, as } = options;
  // A form is encoded here: the built target's client is not the one that knows this FormData.
  const form = options.body instanceof FormData ? new Response(options.body) : undefined;
  const body = form ? new Uint8Array(await form.arrayBuffer()) : options.body;
  const isRaw = body instanceof Uint8Array || typeof body === "string";
  const response = await target.fetch(path, {
    method,
    redirect: "manual",
    headers: {
      ...(as === "visitor" ? {} : BEARER),
      ...(body === undefined || isRaw ? {} : { "content-type": "application/json" }),
      ...(form ? { "content-type": form.headers.get("content-type")! } : {}),
      ...headers,
    },
    ...(body === undefined ? {} : { body: isRaw ? (body as BodyInit) : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /\bjson\b/.test(response.headers.get("content-type") ?? "");
  return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : text) as Body };
}

/** A call that must go well. */
export async function must<Body = Json>(method: string, path: string, options?: CallOptions): Promise<Body> {
  const answer = await call<Body>(method, path, options);
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  return answer.body;
}

/** Uploads an archive. */
export function uploadBytes(archive: Uint8Array, type = "application/gzip"): Promise<Answer> {
  return call("POST", "/api/admin/plugins", { body: archive, headers: { "content-type": type } });
}

/** Packs and uploads; the plan must come back. */
export async function upload(source: PluginSource): Promise<Json> {
  const { status, body } = await uploadBytes(await packPlugin(source));
  expect(status, JSON.stringify(body)).toBe(201);
  return body["plan"]!;
}

/** What a consent may say besides version and hash. */
export interface ConsentChoice {
  readonly deny?: readonly string[];
  readonly hosts?: readonly string[];
  readonly collections?: readonly string[];
  readonly tables?: readonly string[];
  readonly slots?: readonly string[];
  readonly paths?: readonly string[];
  readonly report?: readonly string[];
  readonly enable?: boolean;
  readonly note?: string;
  readonly until?: string;
  readonly acceptSigner?: string;
}

/** Consents to a plan. */
export function consent(plan: Json, choice: ConsentChoice = {}): Promise<Answer> {
  const { id, version } = plan["plugin"] as unknown as { id: string; version: string };
  return call("POST", `/api/admin/plugins/${id}/consent`, { body: { version, planHash: plan["hash"], ...choice } });
}

/** From bytes to enabled, in two calls. */
export async function install(source: PluginSource, choice?: ConsentChoice): Promise<Json> {
  const { status, body } = await consent(await upload(source), choice);
  expect(status, JSON.stringify(body)).toBe(200);
  return body["plugin"]!;
}

/** A plugin as its page shows it. */
export async function show(id: string): Promise<Json> {
  return (await must<Json>("GET", `/api/admin/plugins/${id}`))["plugin"]!;
}

/** Calls a plugin's private route; the envelope comes back. */
export function callRoute(id: string, name: string, input?: unknown): Promise<Answer> {
  return call("POST", `/api/plugins/${id}/${name}`, { body: input ?? {} });
}

/** Creates a post. */
export function createPost(title: string, more: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
  return call("POST", "/api/content/posts", { body: { data: { title }, ...more } });
}

/** Waits for what happens after a response: actions, records. Asks again until the expectation holds. */
export function eventually<Value>(expectation: () => Promise<Value>): Promise<Value> {
  return vi.waitFor(expectation, { timeout: 10_000, interval: 25 });
}

/** Rows of the database under test. */
export async function rows<Row = Record<string, unknown>>(sql: string, ...values: unknown[]): Promise<Row[]> {
  return (
    await target.env.DB.prepare(sql)
      .bind(...values)
      .all<Row>()
  ).results;
}

/** Waits until a plugin has this many invocations on record; its entries up to then have ended. */
export async function invocations(id: string, count: number): Promise<readonly Json[]> {
  return eventually(async () => {
    const { items } = await must<{ items: readonly Json[] }>("GET", `/api/admin/plugins/${id}/invocations`);
    const ended = items.filter((item) => String(item["status"]) !== "running");
    expect(ended).toHaveLength(count);
    return ended;
  });
}

/** The audit's acts, oldest first, and whether the chain is whole. */
export async function audit(): Promise<{
  readonly acts: readonly string[];
  readonly ok: boolean;
  readonly length: number;
}> {
  const acts = await rows<{ act: string }>("SELECT act FROM _host_audit ORDER BY seq");
  const { ok, length } = await must<{ ok: boolean; length: number }>("GET", "/api/admin/audit/verify");
  return { acts: acts.map((row) => row.act), ok, length };
}

export { ORIGIN };
