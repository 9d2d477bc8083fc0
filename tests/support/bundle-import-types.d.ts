/** What `import ... from "./index.ts?bundle"` gives; see `bundle-import.ts`. */
declare module "*?bundle" {
  const bundled: import("./bundle-import.ts").Bundled;
  export default bundled;
}
