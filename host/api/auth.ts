/** `/api/auth`: signing in and out of the dashboard, and one-time links. */
import { createRoute, z } from "@hono/zod-openapi";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { sessionCookie } from "../auth/identify.ts";
import { assertSameSite } from "../auth/same-site.ts";
import { createLink, signIn, SIGN_IN_LIMITS } from "../auth/sign-in.ts";
import { sha256 } from "../crypto.ts";
import { HostError } from "../errors.ts";
import { deleteSession } from "../store/d1/sessions.ts";
import { bodyOf, createRouter, jsonOf, problems } from "./define.ts";
import { limitJson } from "./limit-json.ts";
import { requireRole } from "./require-role.ts";
import { sessionShape } from "./shapes.ts";

const tags = ["Sign-in"];

const open = createRoute({
  method: "post",
  path: "/session",
  tags,
  summary: "Signs in with the bootstrap token or a one-time code",
  request: {
    body: bodyOf(
      z.union([z.strictObject({ token: z.string().max(512) }), z.strictObject({ code: z.string().max(512) })]),
    ),
  },
  responses: { 200: jsonOf(sessionShape, "Who signed in"), ...problems },
});
const read = createRoute({
  method: "get",
  path: "/session",
  tags,
  summary: "Who is signed in",
  responses: { 200: jsonOf(sessionShape, "Who is signed in"), ...problems },
});
const close = createRoute({
  method: "delete",
  path: "/session",
  tags,
  summary: "Signs out",
  responses: { 204: { description: "Signed out" }, ...problems },
});
const link = createRoute({
  method: "post",
  path: "/links",
  tags,
  summary: "Makes a one-time sign-in link",
  responses: { 201: jsonOf(z.object({ url: z.string(), expiresAt: z.string() }), "The link"), ...problems },
});

const router = createRouter();
router.use(limitJson);
router.use("/session", async (c, next) => {
  // Signing in sets a cookie, so it counts although no cookie authenticates it yet.
  if (c.req.header("origin") !== undefined) assertSameSite(c.req.raw);
  await next();
});

/** The router, mounted at `/api/auth`. */
export const authApi = router
  .openapi(open, async (c) => {
    const { token, ...session } = await signIn(c.get("services"), c.req.valid("json"));
    const url = new URL(c.req.url);
    setCookie(c, sessionCookie(url), token, {
      httpOnly: true,
      secure: url.protocol === "https:",
      sameSite: "Lax",
      path: "/",
      maxAge: SIGN_IN_LIMITS.sessionHours * 3_600,
    });
    return c.json(session, 200);
  })
  .openapi(read, (c) => {
    const identity = c.get("identity");
    if (!identity || !("role" in identity.actor)) throw new HostError("UNAUTHENTICATED", "Nobody is signed in.");
    const { id, name, role } = identity.actor;
    return c.json({ id, name, role, expiresAt: identity.expiresAt }, 200);
  })
  .openapi(close, async (c) => {
    const name = sessionCookie(new URL(c.req.url));
    const token = getCookie(c, name);
    if (token !== undefined) await deleteSession(c.get("services").db, await sha256(token));
    deleteCookie(c, name, { path: "/", secure: name.startsWith("__Host-") });
    return c.body(null, 204);
  })
  .openapi(link, async (c) => {
    requireRole(c);
    const { code, expiresAt } = await createLink(c.get("services"));
    const origin = c.get("services").site.url ?? new URL(c.req.url).origin;
    // In the fragment, so that the code is in no server's log.
    return c.json({ url: `${origin}/admin/sign-in#code=${code}`, expiresAt }, 201);
  });
