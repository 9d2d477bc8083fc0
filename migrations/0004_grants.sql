-- Grants that can be narrowed by any kind of target, paused, and tried out before they are enforced; and a plugin's own
-- tables.
ALTER TABLE _host_grants RENAME COLUMN hosts TO targets;
ALTER TABLE _host_grants ADD COLUMN methods TEXT;
-- 'enforce', or 'report': what it would deny is done and counted.
ALTER TABLE _host_grants ADD COLUMN mode TEXT NOT NULL DEFAULT 'enforce';
ALTER TABLE _host_grants ADD COLUMN paused INTEGER NOT NULL DEFAULT 0;

-- The bundle's migrations/*.sql as JSON text: [{"name", "sql"}].
ALTER TABLE _host_versions ADD COLUMN migrations TEXT NOT NULL DEFAULT '[]';

-- Whose a table is. Names alone say nothing: `a` + `b_c` and `a_b` + `c` would meet.
CREATE TABLE _host_tables (
  physical TEXT PRIMARY KEY,
  plugin_id TEXT NOT NULL,
  name TEXT NOT NULL,
  -- 'table' or 'fts5'.
  kind TEXT NOT NULL,
  created_at TEXT NOT NULL,
  UNIQUE (plugin_id, name)
);

-- Which migrations of a plugin have run, and that what ran is what the bundle still says.
CREATE TABLE _host_migrations (
  plugin_id TEXT NOT NULL,
  name TEXT NOT NULL,
  digest TEXT NOT NULL,
  applied_at TEXT NOT NULL,
  PRIMARY KEY (plugin_id, name)
);



UPDATE _host_state SET schema = 4 WHERE id = 1;
