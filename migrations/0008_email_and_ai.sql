-- What plugins used of the host's language models, by hour (`2026-11-28T09`, UTC). What calls under way may take at most
-- is reserved; a reservation that was never settled counts as used.
CREATE TABLE _host_ai_usage (
  plugin_id TEXT NOT NULL,
  hour TEXT NOT NULL,
  calls INTEGER NOT NULL,
  tokens_in INTEGER NOT NULL,
  tokens_out INTEGER NOT NULL,
  microdollars INTEGER NOT NULL,
  reserved_tokens INTEGER NOT NULL,
  reserved_microdollars INTEGER NOT NULL,
  PRIMARY KEY (plugin_id, hour)
) WITHOUT ROWID;

-- How many recipients plugins' mails had, by day (`2026-11-28`, UTC).
CREATE TABLE _host_email_usage (
  day TEXT NOT NULL,
  plugin_id TEXT NOT NULL,
  recipients INTEGER NOT NULL,
  PRIMARY KEY (day, plugin_id)
) WITHOUT ROWID;

UPDATE _host_state SET schema = 8 WHERE id = 1;
