/**
 * Does one value fit one field? Answers with the fault in words, or undefined. Pure. It judges shape and size alone: what
 * is dangerous in a page is decided where pages are drawn, because rows can also come from SQL and from EmDash.
 */
import { toSafeSource } from "./address.ts";
import type { FieldDefinition } from "./collection.ts";
import { isDeeperThan } from "./depth.ts";
import { CONTENT_LIMITS } from "./limits.ts";

/** Control characters but tab and line ends. They are never text, and XML cannot carry them. */
const CONTROL = /(?![\t\n\r])\p{Cc}/u;

/** Why a value does not fit, e.g. `expected a number, got "x"`. */
export function findFieldFault(field: FieldDefinition, value: unknown): string | undefined {
  if (isDeeperThan(value, CONTENT_LIMITS.depth)) return `is nested deeper than ${CONTENT_LIMITS.depth} levels`;
  switch (field.type) {
    case "string":
    case "slug":
    case "reference":
    case "select":
    case "text":
      return findTextFault(field, value);
    case "url":
      if (typeof value !== "string" || toSafeSource(value) === undefined)
        return expected("an http(s) or site address", value);
      return findTextFault(field, value);
    case "datetime":
      if (typeof value !== "string" || Number.isNaN(Date.parse(value))) return expected("an ISO 8601 time", value);
      return findTextFault(field, value);
    case "number":
      return typeof value === "number" && Number.isFinite(value)
        ? findRangeFault(field, value)
        : expected("a number", value);
    case "integer":
      return Number.isSafeInteger(value) ? findRangeFault(field, Number(value)) : expected("a whole number", value);
    case "boolean":
      return typeof value === "boolean" ? undefined : expected("true or false", value);
    case "multiSelect":
      return findListFault(value, "a list of texts", (item) => typeof item === "string" && isOption(field, item));
    case "repeater":
      return findListFault(value, "a list of objects", isRecord);
    case "portableText":
      return findListFault(
        value,
        'a list of Portable Text blocks, each an object with a "_type"',
        (block) => isRecord(block) && typeof block["_type"] === "string" && block["_type"] !== "",
      );
    case "image":
    case "file":
      if (typeof value === "string") {
        return toSafeSource(value) === undefined ? expected("an http(s) or site address", value) : undefined;
      }
      return isRecord(value) ? undefined : expected("an address, or an object with an address as src", value);
    case "json":
      return undefined;
  }
}

function findTextFault(field: FieldDefinition, value: unknown): string | undefined {
  if (typeof value !== "string") return expected("a text", value);
  const most = Math.min(toMaxChars(field), field.rules.maxLength ?? Infinity);
  if (value.length > most) return `has ${value.length} characters; at most ${most} are allowed`;
  const least = field.rules.minLength ?? 0;
  if (value.length < least) return `has ${value.length} characters; at least ${least} are needed`;
  if (CONTROL.test(value)) return "holds control characters; send text without them";
  if (field.required && value.trim() === "") return "is required and cannot be empty";
  if (field.type === "select" && !isOption(field, value)) {
    return expected(`one of ${(field.rules.options ?? []).join(", ")}`, value);
  }
  return undefined;
}

function toMaxChars(field: FieldDefinition): number {
  if (field.name === "title") return CONTENT_LIMITS.titleChars;
  if (field.name === "excerpt") return CONTENT_LIMITS.excerptChars;
  return field.type === "text" ? CONTENT_LIMITS.textChars : CONTENT_LIMITS.lineChars;
}

function findRangeFault({ rules }: FieldDefinition, value: number): string | undefined {
  if (rules.min !== undefined && value < rules.min) return `${value} is less than the minimum ${rules.min}`;
  if (rules.max !== undefined && value > rules.max) return `${value} is more than the maximum ${rules.max}`;
  return undefined;
}

function findListFault(value: unknown, what: string, fits: (item: unknown) => boolean): string | undefined {
  if (!Array.isArray(value)) return expected(what, value);
  if (value.length > CONTENT_LIMITS.blocks) {
    return `has ${value.length} items; at most ${CONTENT_LIMITS.blocks} are allowed`;
  }
  const bad = value.findIndex((item) => !fits(item));
  return bad === -1 ? undefined : `item ${bad}: ${expected(what, value[bad])}`;
}

function isOption(field: FieldDefinition, value: string): boolean {
  return field.rules.options === undefined || field.rules.options.includes(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function expected(what: string, value: unknown): string {
  return `expected ${what}, got ${describe(value)}`;
}

function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}...` : value);
  if (value === null || typeof value === "number" || typeof value === "boolean") return String(value);
  return Array.isArray(value) ? "a list" : typeof value === "object" ? "an object" : typeof value;
}
