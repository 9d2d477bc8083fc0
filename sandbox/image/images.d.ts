/**
 * Where is the image of a program? In this isolate, or in the embedder's store, or nowhere yet. What the isolate keeps
 * is bounded; what the store gives is checked, and one that fails the check is replaced by the next that is made.
 */
import type { EngineFactory, Image } from "../engine/engine.ts";
import type { ImageStore } from "../types.ts";
import { type MacKey } from "./seal.ts";
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
export declare function createImages(
  engines: EngineFactory,
  budgetBytes: number,
  stored: StoredImages | undefined,
): Images;
