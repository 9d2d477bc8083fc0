/** Which parts of Intl may be asked for, at what price? This table; a kind or method that is not in it does not exist. */
import { AskRefusal } from "./op.ts";

export interface IntlSetting {
  readonly locales: string[];
  readonly options: object;
}

/** `own`: the formatter's method of that name; otherwise what answers instead. */
type Method = "own" | ((setting: IntlSetting, values: readonly unknown[]) => unknown);

export interface IntlKind {
  /** Fuel of one question: making a formatter, though most are found. */
  readonly fuel: number;
  readonly fuelPerChar: number;
  readonly maxChars: number;
  readonly options: readonly string[];
  readonly methods: Readonly<Record<string, Method>>;
  readonly make: (setting: IntlSetting) => unknown;
  readonly supported: (locales: string[]) => readonly string[];
  /** Checks one value on its way to a method. */
  readonly toValue: (value: unknown) => unknown;
}

type IntlClass = {
  new (locales: string[], options: never): object;
  supportedLocalesOf(locales: string[]): string[];
};

const MOST_DIGITS = 400;
const DATE_OPTIONS =
  "calendar numberingSystem localeMatcher timeZone hour12 hourCycle formatMatcher weekday era year month day dayPeriod hour minute second fractionalSecondDigits timeZoneName dateStyle timeStyle";
const DIGIT_OPTIONS =
  "minimumIntegerDigits minimumFractionDigits maximumFractionDigits minimumSignificantDigits maximumSignificantDigits roundingPriority roundingIncrement roundingMode trailingZeroDisplay";
const NUMBER_OPTIONS = `numberingSystem localeMatcher style currency currencyDisplay currencySign unit unitDisplay notation compactDisplay useGrouping signDisplay ${DIGIT_OPTIONS}`;

/** Measured: 5 to 30 µs for a formatter, 130 for one of dates, 0.3 for each character of a list. */
const usual = { fuel: 10_000, fuelPerChar: 60, maxChars: 100_000 } as const;
const DATE_FUEL = 20_000;

export const KINDS: Readonly<Record<string, IntlKind>> = {
  DateTimeFormat: {
    ...usual,
    ...of(Intl.DateTimeFormat, DATE_OPTIONS, "format formatToParts formatRange formatRangeToParts"),
    fuel: DATE_FUEL,
    make: (setting) => new Intl.DateTimeFormat(...inZone(setting)),
    toValue: toTime,
  },
  /** The methods of `Date.prototype`, which choose their fields in ways of their own. */
  Date: {
    ...usual,
    ...of(Intl.DateTimeFormat, DATE_OPTIONS, ""),
    fuel: DATE_FUEL,
    methods: {
      toLocaleString: (setting: IntlSetting, [ms]: readonly unknown[]) =>
        new Date(toTime(ms)).toLocaleString(...inZone(setting)),
      toLocaleDateString: (setting, [ms]) => new Date(toTime(ms)).toLocaleDateString(...inZone(setting)),
      toLocaleTimeString: (setting, [ms]) => new Date(toTime(ms)).toLocaleTimeString(...inZone(setting)),
    },
    toValue: toTime,
  },
  NumberFormat: { ...usual, ...of(Intl.NumberFormat, NUMBER_OPTIONS, "format formatToParts"), toValue: toNumber },
  PluralRules: {
    ...usual,
    ...of(Intl.PluralRules, `localeMatcher type ${DIGIT_OPTIONS}`, "select"),
    toValue: toNumber,
  },
  RelativeTimeFormat: {
    ...usual,
    ...of(Intl.RelativeTimeFormat, "localeMatcher numberingSystem style numeric", "format formatToParts"),
    toValue: (value) => (typeof value === "string" && /^[a-z]+$/.test(value) ? value : toNumber(value)),
  },
  ListFormat: {
    ...usual,
    ...of(Intl.ListFormat, "localeMatcher type style", "format formatToParts"),
    toValue: toTexts,
  },
  DisplayNames: {
    ...usual,
    ...of(Intl.DisplayNames, "localeMatcher style type languageDisplay fallback", "of"),
    maxChars: 1_000,
    toValue: toText,
  },
  /** Long runs of combining marks take the square of their length: 2.5 ms for two strings of 2,000. */
  Collator: {
    ...usual,
    ...of(Intl.Collator, "usage localeMatcher numeric caseFirst sensitivity ignorePunctuation collation", "compare"),
    fuelPerChar: 200,
    maxChars: 4_096,
    toValue: toText,
  },
  /** 0.4 µs for each ideograph. */
  Segmenter: {
    ...usual,
    ...of(Intl.Segmenter, "localeMatcher granularity", ""),
    fuelPerChar: 100,
    methods: { resolvedOptions: "own", segment },
    toValue: toText,
  },
};

function of(
  Class: IntlClass,
  options: string,
  methods: string,
): Pick<IntlKind, "options" | "methods" | "make" | "supported"> {
  const names = methods === "" ? [] : methods.split(" ");
  return {
    options: options.split(" "),
    methods: Object.fromEntries(["resolvedOptions", ...names].map((name) => [name, "own"])),
    make: (setting) => new Class(setting.locales, setting.options as never),
    supported: (locales) => Class.supportedLocalesOf(locales),
  };
}

function inZone({ locales, options }: IntlSetting): [string[], object] {
  return [locales, { timeZone: "UTC", ...options }];
}

function toTime(value: unknown): number {
  if (typeof value === "number") return value;
  throw new AskRefusal("RangeError", "Invalid time value");
}

/** Numbers come as such, and as text where JSON has none: NaN, infinities, -0 and whole numbers of any length. */
function toNumber(value: unknown): number | bigint {
  if (typeof value === "number") return value;
  // SECURITY: a short text can stand for a billion digits, so only digits are taken as exact (tests/sandbox/surface-intl.test.ts).
  if (typeof value === "string" && value.length <= MOST_DIGITS)
    return /^-?[1-9]\d*$/.test(value) ? BigInt(value) : Number(value);
  throw new AskRefusal("RangeError", `Cannot format the number: expected at most ${MOST_DIGITS} digits.`);
}

function toText(value: unknown): string {
  if (typeof value === "string") return value;
  throw new AskRefusal("TypeError", "Expected a text.");
}

function toTexts(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  throw new AskRefusal("TypeError", "Expected a list of texts.");
}

/** [text] -> for each segment twice its length, and one more where it is like a word. */
function segment({ locales, options }: IntlSetting, [text]: readonly unknown[]): readonly number[] {
  const segments = new Intl.Segmenter(locales, options).segment(toText(text));
  return Array.from(segments, (part) => part.segment.length * 2 + (part.isWordLike ? 1 : 0));
}
