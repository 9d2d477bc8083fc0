/** Where does the guest's randomness come from? From the platform's Web Crypto, and never while an image is made. */
import { AskRefusal, type AskScene, type AskTable } from "./op.ts";

/** Most bytes of randomness in one question, as in Web Crypto. */
const RANDOM_BYTES = 65_536;
const FUEL_PER_BYTE = 8;

export const randomOps: AskTable = {
  /** [count] -> that many bytes, one character each. */
  random: {
    cost: { base: 5_000, perChar: 0 },
    maxChars: 16,
    isPure: false,
    run: ([count], scene) => randomBytes(count, scene),
  },
  uuid: { cost: { base: 5_000, perChar: 0 }, maxChars: 2, isPure: false, run: () => crypto.randomUUID() },
};

function randomBytes(count: unknown, { charge }: AskScene): string {
  if (typeof count !== "number" || !Number.isInteger(count) || count < 0 || count > RANDOM_BYTES)
    throw new AskRefusal("RangeError", `Cannot draw random bytes: expected a count of at most ${RANDOM_BYTES}.`);
  charge(count * FUEL_PER_BYTE);
  const bytes = crypto.getRandomValues(new Uint8Array(count));
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
