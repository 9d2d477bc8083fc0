/** A plugin that fails as soon as it is read. */
const table: Readonly<Record<string, readonly string[]>> = { en: ["the", "a"] };

export default { hooks: {}, routes: {}, words: table["de"]!.length };
