/**
 * How does the guest format for people? Through the platform's own Intl: a closed list of kinds and methods, options
 * from an allow-list, en-US and UTC unless it says otherwise. Formatters are kept, but each question pays for making one,
 * so that equal work costs equal fuel.
 */
import { KINDS, type IntlKind, type IntlSetting } from "./intl-kinds.ts";
import { AskRefusal, type AskOp, type AskTable, type Phase } from "./op.ts";

const DEFAULT_LOCALE = "en-US";
const DEFAULT_ZONE = "UTC";
/** Characters of the list of locales, and of one option. */
const LOCALES_CHARS = 200;
const OPTION_CHARS = 100;
const MESSAGE_CHARS = 200;
/** Formatters kept in an isolate, those used last. They hold nothing of who asked. */
const FORMATTERS_KEPT = 16;

type Options = Readonly<Record<string, string | number | boolean>>;
type Formatter = Readonly<Record<string, (...values: unknown[]) => unknown>>;

const formatters = new Map<string, Formatter>();

/** `intl.<kind>`: [method, locales joined by commas, options, ...values]. */
export const intlOps: AskTable = {
  ...Object.fromEntries(Object.entries(KINDS).map(([name, kind]) => [`intl.${name}`, toOp(name, kind)])),
  /** [key] -> what `Intl.supportedValuesOf` lists. */
  "intl.values": {
    cost: { base: 60_000, perChar: 0 },
    maxChars: 100,
    isPure: false,
    run: ([key]) => attempt(() => Intl.supportedValuesOf(String(key) as "timeZone")),
  },
  /** [locales joined by commas] -> the same in canonical form. */
  "intl.canonical": {
    cost: { base: 5_000, perChar: 20 },
    maxChars: 1_000,
    isPure: true,
    run: ([locales]) => attempt(() => Intl.getCanonicalLocales(toLocales(locales))),
  },
};

function toOp(name: string, kind: IntlKind): AskOp {
  return {
    cost: { base: kind.fuel, perChar: kind.fuelPerChar },
    maxChars: kind.maxChars,
    isPure: true,
    run: ([method, locales, options, ...values], { phase }) =>
      attempt(() => {
        const setting = { locales: toLocales(locales), options: toOptions(kind, options) };
        return answer(name, kind, setting, String(method), values, phase);
      }),
  };
}

function answer(
  name: string,
  kind: IntlKind,
  setting: IntlSetting,
  method: string,
  values: readonly unknown[],
  phase: Phase,
): unknown {
  // Says no more than "valid", so a formatter for any locale may be made at top level and used later.
  if (method === "check") return keep(name, kind, setting) !== undefined;
  if (phase === "top-level") assertFixed(setting);
  if (method === "supported") return kind.supported(setting.locales);
  const run = Object.hasOwn(kind.methods, method) ? kind.methods[method] : undefined;
  if (run === undefined) return undefined;
  if (run !== "own") return run(withDefault(setting), values);
  return keep(name, kind, setting)[method]?.(...values.map(kind.toValue));
}

function keep(name: string, kind: IntlKind, setting: IntlSetting): Formatter {
  const key = JSON.stringify([name, setting]);
  const formatter = formatters.get(key) ?? (kind.make(withDefault(setting)) as Formatter);
  formatters.delete(key);
  formatters.set(key, formatter);
  const [oldest] = formatters.keys();
  if (formatters.size > FORMATTERS_KEPT && oldest !== undefined) formatters.delete(oldest);
  return formatter;
}

/** SECURITY: an image holds words of en-US and UTC only, as the default is (tests/sandbox/surface-intl.test.ts). */
function assertFixed({ locales, options }: IntlSetting): void {
  const { timeZone = DEFAULT_ZONE } = options as { readonly timeZone?: unknown };
  if (locales.every((locale) => locale === DEFAULT_LOCALE) && timeZone === DEFAULT_ZONE) return;
  throw new AskRefusal(
    "TypeError",
    `Cannot format for ${locales[0] ?? DEFAULT_LOCALE} in ${String(timeZone)} at top level: only ${DEFAULT_LOCALE} and ${DEFAULT_ZONE} are available there. Move it into a hook or route.`,
  );
}

/** Falls back to the same locale everywhere, not to the host's. */
function withDefault({ locales, options }: IntlSetting): IntlSetting {
  return { locales: [...locales, DEFAULT_LOCALE], options };
}

function toLocales(locales: unknown): string[] {
  if (typeof locales !== "string" || locales.length > LOCALES_CHARS)
    throw new AskRefusal("RangeError", `Cannot use the locales: expected at most ${LOCALES_CHARS} characters.`);
  return locales === "" ? [] : locales.split(",");
}

/** Only known names, only plain values; other names are ignored, as the platform does. */
function toOptions(kind: IntlKind, given: unknown): Options {
  const options: Record<string, string | number | boolean> = {};
  if (typeof given !== "object" || given === null) return options;
  for (const name of kind.options) {
    const value = Object.hasOwn(given, name) ? (given as Readonly<Record<string, unknown>>)[name] : undefined;
    if (typeof value === "number" || typeof value === "boolean") options[name] = value;
    if (typeof value !== "string") continue;
    if (value.length > OPTION_CHARS)
      throw new AskRefusal("RangeError", `Cannot use the option ${name}: it is over ${OPTION_CHARS} characters.`);
    options[name] = value;
  }
  return options;
}

/** The platform's own refusals reach the guest; they speak of its arguments alone. */
function attempt<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) throw new AskRefusal("RangeError", error.message.slice(0, MESSAGE_CHARS));
    if (error instanceof TypeError) throw new AskRefusal("TypeError", error.message.slice(0, MESSAGE_CHARS));
    throw error;
  }
}
