/** What one loop came to. */
export interface Loop {
  readonly calls: number;
  readonly ms: number;
}
