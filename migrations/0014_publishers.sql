-- Whose signature proves whose name. A key is never removed: what it signed stays on record.
CREATE TABLE _host_publisher_keys (
  -- sha256 of the key, in hex.
  key_id TEXT PRIMARY KEY,
  public_key TEXT NOT NULL,
  publisher TEXT NOT NULL,
  note TEXT NOT NULL,
  registered_at TEXT NOT NULL,
  registered_by TEXT NOT NULL,
  revoked_at TEXT,
  revoked_by TEXT,
  revoked_note TEXT,
  -- The key that took its place.
  replaced_by TEXT,
  replaced_at TEXT
);

-- Which key a plugin's updates are held to: the first one somebody consented to, and what came after it.
CREATE TABLE _host_pins (
  plugin_id TEXT PRIMARY KEY,
  key_id TEXT NOT NULL,
  -- As the signature names it; proven only where the key is registered.
  publisher TEXT NOT NULL,
  -- 'first', 'rotated' by a statement, 'replaced' or 'accepted' by somebody's word.
  how TEXT NOT NULL,
  previous_key_id TEXT,
  pinned_at TEXT NOT NULL,
  pinned_by TEXT NOT NULL
);
CREATE INDEX _host_pins_key ON _host_pins (key_id);

-- The signature that was verified at upload, as JSON; null: none.
ALTER TABLE _host_versions ADD COLUMN signature TEXT;
-- What the scan of its code found, as JSON; null: uploaded before there was one.
ALTER TABLE _host_versions ADD COLUMN scan TEXT;

UPDATE _host_state SET schema = 14 WHERE id = 1;
