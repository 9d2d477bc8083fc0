/**
 * Where is the image of a program? In this isolate, or in the embedder's store, or nowhere yet. What the isolate keeps
 * is bounded; what the store gives is checked, and one that fails the check is replaced by the next that is made.
 */
import type { EngineFactory, Image } from "../engine/engine.ts";
import type { ImageStore } from "../types.ts";
import { seal, unseal, type MacKey } from "./seal.ts";

/** The embedder's place for images. */
export interface StoredImages {
  readonly store: ImageStore;
  /** HMAC-SHA-256, for signing and verifying. */
  readonly macKey: () => Promise<MacKey>;
}

export interface Images {
  /** From this isolate only. */
  peek(key: string): Image | undefined;
  /** From this isolate or the store. */
  find(key: string): Promise<Image | undefined>;
  /** Keeps an image in this isolate. */
  keep(key: string, image: Image): void;
  /** Puts it into the store. Never throws for the store's sake. Answers whether it is there. */
  store(key: string, image: Image): Promise<boolean>;
  /** Whether the store has it, unharmed. */
  isStored(key: string): Promise<boolean>;
  bytes(): number;
}

/** @param budgetBytes most bytes kept in this isolate; the ones unused for longest go first. */
export function createImages(engines: EngineFactory, budgetBytes: number, stored: StoredImages | undefined): Images {
  const kept = new Map<string, { readonly image: Image; usedAt: number }>();
  let bytes = 0;
  /** Counts uses: moving an entry to the end of a map for each would cost more than a short restore. */
  let uses = 0;

  function forget(key: string): void {
    bytes -= kept.get(key)?.image.size ?? 0;
    kept.delete(key);
  }

  /** The key of the image unused for longest, other than this one. */
  function findOldest(but: string): string | undefined {
    let oldest: string | undefined;
    let oldestUse = Number.POSITIVE_INFINITY;
    for (const [key, { usedAt }] of kept) {
      if (key === but || usedAt >= oldestUse) continue;
      [oldest, oldestUse] = [key, usedAt];
    }
    return oldest;
  }

  const images: Images = {
    peek(key) {
      const found = kept.get(key);
      if (found === undefined) return undefined;
      found.usedAt = uses += 1;
      return found.image;
    },
    async find(key) {
      const here = images.peek(key);
      if (here !== undefined) return here;
      const loaded = await load(key);
      if (loaded !== undefined) images.keep(key, loaded);
      return loaded;
    },
    keep(key, image) {
      forget(key);
      kept.set(key, { image, usedAt: (uses += 1) });
      bytes += image.size;
      while (bytes > budgetBytes) {
        const oldest = findOldest(key);
        if (oldest === undefined) break;
        forget(oldest);
      }
    },
    async store(key, image) {
      if (stored === undefined) return false;
      try {
        await stored.store.put(key, await seal(await stored.macKey(), key, engines.toBytes(image)));
        return true;
      } catch {
        return false;
      }
    },
    isStored: async (key) => (await load(key)) !== undefined,
    bytes: () => bytes,
  };

  async function load(key: string): Promise<Image | undefined> {
    if (stored === undefined) return undefined;
    try {
      const sealed = await stored.store.get(key);
      const unsealed = sealed && (await unseal(await stored.macKey(), key, sealed));
      return unsealed && engines.fromBytes(unsealed);
    } catch {
      // A store that fails costs time: the program is evaluated.
      return undefined;
    }
  }

  return images;
}
