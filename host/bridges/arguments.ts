/** Argument schemas that several bridges share. */
import { z } from "zod";
import { BRIDGE_LIMITS } from "./limits.ts";

/** A key or id: some text of whole characters, without control characters. */
export const keyArgument = z
  .string()
  .min(1, "Expected a key that is not empty")
  .max(BRIDGE_LIMITS.keyChars, `Expected at most ${BRIDGE_LIMITS.keyChars} characters`)
  // eslint-disable-next-line no-control-regex
  .regex(/^[^\u0000-\u001f\u007f]*$/, "Expected no control characters")
  // The database keeps no half of one: all keys that differ in it alone would be the same key.
  .refine((key) => key.isWellFormed(), "Expected whole characters, no half of a surrogate pair");

/** A JSON value small enough to store; the text is what is stored. */
export const valueArgument = z.unknown().transform((value, context) => {
  const text = JSON.stringify(value ?? null);
  if (text.length > BRIDGE_LIMITS.valueChars) {
    context.addIssue({
      code: "custom",
      message: `The value has ${text.length} characters as JSON; at most ${BRIDGE_LIMITS.valueChars} are allowed`,
    });
    return z.NEVER;
  }
  return text;
});

/** The revision of a document or key, as `getVersioned` gave it. */
export const revisionArgument = z.string().min(1).max(64);

/** How many of a page: more than there may be gives what there may be, as in EmDash. */
export function pageLimit({ most, default: usual }: { readonly most: number; readonly default: number }) {
  return z
    .number()
    .int()
    .min(1)
    .optional()
    .transform((limit) => Math.min(limit ?? usual, most));
}

/** An id of the site's: an item's, a user's, a file's. */
export const idArgument = z.string().min(1).max(64);
