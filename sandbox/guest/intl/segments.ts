/** What does `Intl.Segmenter` cut a text into? The host tells the lengths of all pieces at once; the guest cuts. */
import { NumberFunction, slice, StringFunction } from "../primordials.ts";
import { ask, type Setting } from "./setting.ts";

interface Segment {
  readonly segment: string;
  readonly index: number;
  readonly input: string;
  readonly isWordLike?: boolean;
}

export function segment(setting: Setting, value: unknown) {
  const input = StringFunction(value);
  const isByWord = (setting.options as { readonly granularity?: unknown }).granularity === "word";
  // Twice the length of each, and one more where it is like a word.
  const lengths = ask("Segmenter", "segment", setting, [input]) as readonly number[];
  const cut = (index: number, length: number): Segment => {
    const piece = { segment: slice(input, index, index + (length >> 1)), index, input };
    return isByWord ? { ...piece, isWordLike: (length & 1) === 1 } : piece;
  };
  return {
    containing(place: unknown = 0): Segment | undefined {
      const wanted = NumberFunction(place);
      let index = 0;
      for (let at = 0; at < lengths.length; at += 1) {
        const length = lengths[at] as number;
        if (wanted >= index && wanted < index + (length >> 1)) return cut(index, length);
        index += length >> 1;
      }
      return undefined;
    },
    *[Symbol.iterator](): Generator<Segment> {
      let index = 0;
      for (let at = 0; at < lengths.length; at += 1) {
        const length = lengths[at] as number;
        yield cut(index, length);
        index += length >> 1;
      }
    },
  };
}
