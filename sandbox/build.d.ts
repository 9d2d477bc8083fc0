/**
 * Bundles trusted guest code, whose default export is a function, into an expression that evaluates to that function.
 *
 * @param entryPath path of the entry file.
 * @returns source text; what `Program.runtime` takes.
 */
export declare function bundleGuest(entryPath: string): Promise<string>;
/**
 * Refuses any other engine than the one that was tested.
 *
 * @throws Error when the hash differs from the pin.
 */
export declare function assertPinnedEngine(wasm: Uint8Array): void;
/** Generates everything. */
export declare function buildSandbox(): Promise<void>;
