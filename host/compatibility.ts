/**
 * How does the platform behave? As of this date, the one `wrangler.toml` names; a Worker cannot read it. It is part of
 * every image's key: what the platform answers while a bundle is evaluated stays in the image.
 */
export const COMPATIBILITY_DATE = "2026-08-15";
