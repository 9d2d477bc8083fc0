-- What plugins were denied, by minute, until the clock moves it into the audit: requests write here and never wait for
-- the chain. `minute` is ISO 8601 cut after the minute, `targets` a JSON array of text.
CREATE TABLE _host_denials (
  plugin_id TEXT NOT NULL,
  capability TEXT NOT NULL,
  minute TEXT NOT NULL,
  count INTEGER NOT NULL,
  targets TEXT NOT NULL,
  PRIMARY KEY (plugin_id, capability, minute)
);
-- Whether somebody consented to a version is asked of a chain that now also grows by what plugins try.
CREATE INDEX _host_audit_target ON _host_audit (target, act);
UPDATE _host_state SET schema = max(schema, 5) WHERE id = 1;
