/** Who acts: the identity that authorisation, hooks, the audit and revisions carry. */

/** What a person or token may do. `admin` may do everything; which of the others may, each handler says to `api/require-role.ts`. */
export type Role = "admin" | "publisher" | "reviewer" | "editor";

/** Whoever caused something. */
export type Actor =
  | { readonly kind: "user" | "token"; readonly id: string; readonly name: string; readonly role: Role }
  /** A plugin acting through its own grants. */
  | { readonly kind: "plugin"; readonly id: string; readonly name: string }
  /** The host itself, e.g. the scheduler. */
  | { readonly kind: "system"; readonly id: "system"; readonly name: "system" };

/** The host itself. */
export const SYSTEM: Actor = { kind: "system", id: "system", name: "system" };
