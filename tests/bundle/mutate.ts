/** How does a good bundle become one of thousands of bad ones? By a seed: bytes, headers with their sums made right, and JSON values. */
import { gzipSync } from "node:zlib";
import { packTar } from "modern-tar";

/** Numbers from 0 up to, and without, the bound; the same for the same seed. */
export type Random = (bound: number) => number;

/** mulberry32. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % bound;
  };
}

const BLOCK = 512;
const STRANGE = [
  "../x",
  "/etc/passwd",
  "",
  "\u0000",
  "a".repeat(300),
  "manifest.json",
  "__proto__",
  "\u202e",
  "77777777777",
  "-1",
  "9".repeat(12),
  "\ufffd\ud800",
];

/** A tar of the files. */
export async function toTar(files: Readonly<Record<string, string>>): Promise<Uint8Array> {
  return packTar(
    Object.entries(files).map(([name, body]) => ({
      header: { name, size: Buffer.byteLength(body), type: "file" as const, mtime: new Date(0) },
      body,
    })),
  );
}

/** An archive in which something is wrong, somewhere. */
export function mutateArchive(tar: Uint8Array, random: Random): Uint8Array {
  const bytes = Uint8Array.from(tar);
  const kind = random(8);
  for (let times = random(4) + 1; times > 0; times--) {
    if (kind < 4) mutateHeader(bytes, random);
    else bytes[random(bytes.length)] = random(256);
  }
  if (kind === 5) return gzip(bytes.slice(0, random(bytes.length)));
  if (kind === 6) return gzip(Uint8Array.from([...bytes.slice(0, random(bytes.length)), ...tar]));
  const archive = gzip(bytes);
  // The compressed bytes themselves.
  if (kind === 7) for (let times = random(4) + 1; times > 0; times--) archive[random(archive.length)] = random(256);
  return random(20) === 0 ? Uint8Array.from([...archive, ...gzip(tar)]) : archive;
}

/** A field of some header becomes strange, and the sum over it right again: what reads it gets further. */
function mutateHeader(bytes: Uint8Array, random: Random): void {
  const at = random(bytes.length / BLOCK) * BLOCK;
  const [offset, length] = [
    [0, 100],
    [100, 8],
    [124, 12],
    [136, 12],
    [156, 1],
    [157, 100],
    [257, 8],
    [345, 155],
  ][random(8)] as [number, number];
  const value =
    random(2) === 0
      ? Buffer.from(STRANGE[random(STRANGE.length)]!)
      : Buffer.from(Array.from({ length }, () => random(256)));
  if (offset === 156) bytes[at + offset] = "0123456xgLKSVD\u0000".charCodeAt(random(15));
  else bytes.set(value.subarray(0, length), at + offset);
  bytes.fill(0x20, at + 148, at + 156);
  const sum = bytes.subarray(at, at + BLOCK).reduce((total, byte) => total + byte, 0);
  bytes.set(Buffer.from(`${sum.toString(8).padStart(6, "0").slice(-6)}\u0000 `), at + 148);
}

function gzip(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(gzipSync(bytes, { level: 1 }));
}

const VALUES: readonly unknown[] = [
  null,
  true,
  -1,
  1e308,
  0.5,
  "",
  "x".repeat(2_000),
  "../x",
  "\u0000",
  "__proto__",
  [],
  {},
  [[]],
  [null],
  { __proto__: null, constructor: 1 },
  Array.from({ length: 500 }, () => "content:read"),
  "content:write",
  "*.x.dev",
  "https://x.dev",
  "* * * * *",
];

function anyValue(random: Random): unknown {
  return structuredClone(VALUES[random(VALUES.length)]);
}

/** The text of a manifest in which some value is another, a key is another, or the text is damaged. */
export function mutateManifest(manifest: unknown, random: Random): string {
  const root = structuredClone(manifest) as Record<string, unknown>;
  for (let times = random(3) + 1; times > 0; times--) {
    let place: Record<string, unknown> = root;
    for (;;) {
      const keys = Object.keys(place);
      const key = keys[random(Math.max(1, keys.length))] ?? "added";
      const below = place[key];
      if (typeof below === "object" && below !== null && random(3) > 0) {
        place = below as Record<string, unknown>;
        continue;
      }
      if (random(5) === 0) delete place[key];
      else if (random(4) === 0)
        Object.defineProperty(place, STRANGE[random(STRANGE.length)]!, {
          value: anyValue(random),
          enumerable: true,
          configurable: true,
          writable: true,
        });
      else place[key] = anyValue(random);
      break;
    }
  }
  const text = JSON.stringify(root);
  if (random(6) > 0) return text;
  const at = random(text.length);
  return random(2) === 0
    ? text.slice(0, at)
    : `${text.slice(0, at)}${STRANGE[random(STRANGE.length)]!}${text.slice(at)}`;
}

const SNIPPETS = [
  "(",
  ")",
  "{",
  "}",
  "[",
  "]",
  "`",
  "${",
  "=>",
  "ctx",
  ".",
  "?.",
  "await ",
  "async ",
  "class ",
  "extends ",
  "#x",
  "...",
  "=",
  ",",
  ";",
  "\\u0061",
  "/",
  "/*",
  "//",
  "'",
  '"',
  "import ",
  "export default ",
  "function*",
  "yield ",
  "new ",
  "0x",
  "1n",
  "?",
  ":",
  "\u2028",
  "\ud800",
  "const { a = b } = ",
  "hooks",
  "routes",
  "handler",
  "return ",
  "\n",
  "of ",
  "let ",
  "super",
  "this",
  "in ",
];

/** Code with pieces put in, taken out and doubled. */
export function mutateCode(code: string, random: Random): string {
  let text = code;
  for (let times = random(6) + 1; times > 0; times--) {
    const [at, end] = [random(text.length + 1), random(30)];
    const kind = random(3);
    if (kind === 0) text = text.slice(0, at) + SNIPPETS[random(SNIPPETS.length)]! + text.slice(at);
    else if (kind === 1) text = text.slice(0, at) + text.slice(at + end);
    else text = text.slice(0, at + end) + text.slice(at);
  }
  return text;
}
