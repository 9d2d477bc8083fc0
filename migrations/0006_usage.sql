-- What plugins used of which power, by hour (UTC, `2026-11-23T04`). `capability` is a power, or the family of a method that
-- needs none (`kv`); `target` what it was used on, as the grant names it, or empty.
CREATE TABLE _host_usage (
  plugin_id TEXT NOT NULL,
  capability TEXT NOT NULL,
  target TEXT NOT NULL,
  hour TEXT NOT NULL,
  calls INTEGER NOT NULL,
  denied INTEGER NOT NULL,
  reported INTEGER NOT NULL,
  last_at TEXT NOT NULL,
  PRIMARY KEY (plugin_id, capability, target, hour)
);
CREATE INDEX _host_usage_hour ON _host_usage (hour);

UPDATE _host_state SET schema = 6 WHERE id = 1;
