/** Every attack as a bundle: `main` does its worst, `check` tells whether the VM is as it was first made. */
import given from "./exhaustion-attacks.json" with { type: "json" };
import { bodies, bundles } from "./more-attacks.ts";

export interface Attack {
  readonly name: string;
  readonly bundle: string;
}

/** Says of a VM in its first state what {@link PRISTINE} says; `seen` counts the entries into this state. */
const CHECK = `
let seen__ = 0;
export function check(input) {
  seen__ += 1;
  const left = ["then", "toJSON", "get", "0", "kept"].filter((name) => name in {} || name in globalThis);
  return [input, seen__, JSON.stringify({ a: [1] }), [3, 1, 2].sort(), "a-b".split("-"), left, /(b+)/.exec("abb")[1]];
}`;

/** What `check` answers to {@link QUESTION} when nothing is left of an attack. */
export const PRISTINE = '["who",1,"{\\"a\\":[1]}",[1,2,3],["a","b"],[],"bb"]';
export const QUESTION = '"who"';

const toBundle = (body: string): string => `export async function main(input, ctx) { ${body}\n}\n${CHECK}`;

/** Dynamic code is gone, so these reach the reader of sources another way: as sources. See `bundles`. */
export const attacks: readonly Attack[] = [
  ...given.map(({ name, code }) => ({ name, bundle: toBundle(code) })),
  ...Object.entries(bodies).map(([name, body]) => ({ name, bundle: toBundle(body) })),
  ...Object.entries(bundles).map(([name, source]) => ({
    name,
    bundle: `${source}\nexport const main = () => "evaluated";\n${CHECK}`,
  })),
];

/** Somebody else's plugin, called between an attack and the attacked VM's next call. */
export const victim: Attack = { name: "victim", bundle: toBundle(`return "unharmed"`) };
