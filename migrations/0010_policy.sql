-- What may be granted at all. Each change is a new version and the newest is in force; the older ones say what held when.
CREATE TABLE _host_policy (
  version INTEGER PRIMARY KEY,
  document TEXT NOT NULL,
  note TEXT NOT NULL,
  "by" TEXT NOT NULL,
  at TEXT NOT NULL,
  digest TEXT NOT NULL
);
CREATE TRIGGER _host_policy_no_update BEFORE UPDATE ON _host_policy
BEGIN SELECT RAISE(ABORT, 'versions of the policy are never changed'); END;
CREATE TRIGGER _host_policy_no_delete BEFORE DELETE ON _host_policy
BEGIN SELECT RAISE(ABORT, 'versions of the policy are never removed'); END;
-- INSERT OR REPLACE deletes without firing the trigger above. A number that is taken is left alone without an error: the
-- audit row of the same batch meets the other writer's, so the batch fails whole and is decided again.
CREATE TRIGGER _host_policy_no_replace BEFORE INSERT ON _host_policy
WHEN EXISTS (SELECT 1 FROM _host_policy WHERE version = NEW.version)
BEGIN SELECT RAISE(IGNORE); END;

-- What is switched off: 'all', a plugin's id, 'host:<name>' or 'capability:<name>'.
CREATE TABLE _host_switches (
  scope TEXT PRIMARY KEY,
  on_at TEXT NOT NULL,
  "by" TEXT NOT NULL,
  note TEXT NOT NULL
);

-- Where a version came from: 'upload', or 'catalog' for the files that come with this installation.
ALTER TABLE _host_versions ADD COLUMN source TEXT NOT NULL DEFAULT 'upload';

UPDATE _host_state SET schema = 10 WHERE id = 1;
