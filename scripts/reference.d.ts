/** The page, as Markdown. */
export declare function toReference(): string;
