-- The host's own tables. Times are ISO 8601 text in UTC; JSON columns hold text the host wrote and validated.

-- One row. `generation` changes with every change to plugins, grants or policy; `schema` names the newest migration, so
-- that a Worker which is ahead of its database says so instead of failing on a missing column.
CREATE TABLE _host_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  generation INTEGER NOT NULL,
  schema INTEGER NOT NULL
);
INSERT INTO _host_state (id, generation, schema) VALUES (1, 1, 2);

CREATE TABLE _host_plugins (
  id TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  reason TEXT,
  live_version TEXT,
  staged_version TEXT,
  -- When plugin:install ended well; it runs once.
  installed_at TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
);

CREATE TABLE _host_versions (
  plugin_id TEXT NOT NULL,
  version TEXT NOT NULL,
  digest TEXT NOT NULL,
  manifest TEXT NOT NULL,
  exports TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  rejected_at TEXT,
  uploaded_at TEXT NOT NULL,
  uploaded_by TEXT NOT NULL,
  PRIMARY KEY (plugin_id, version)
);

CREATE TABLE _host_grants (
  plugin_id TEXT NOT NULL,
  version TEXT NOT NULL,
  capability TEXT NOT NULL,
  digest TEXT NOT NULL,
  allowed INTEGER NOT NULL,
  hosts TEXT,
  granted_by TEXT NOT NULL,
  granted_at TEXT NOT NULL,
  until TEXT,
  note TEXT,
  PRIMARY KEY (plugin_id, version, capability)
);

CREATE TABLE _host_schedules (
  plugin_id TEXT NOT NULL,
  name TEXT NOT NULL,
  -- 'manifest' or 'plugin' (made through ctx.cron).
  source TEXT NOT NULL,
  -- A cron expression, or an ISO 8601 time for a task that runs once.
  schedule TEXT NOT NULL,
  timezone TEXT NOT NULL,
  data TEXT,
  next_run_at TEXT,
  last_run_at TEXT,
  lease_token TEXT,
  lease_until TEXT,
  PRIMARY KEY (plugin_id, name)
);
CREATE INDEX _host_schedules_due ON _host_schedules (next_run_at);

CREATE TABLE _host_runs (
  id TEXT PRIMARY KEY,
  plugin_id TEXT NOT NULL,
  version TEXT NOT NULL,
  schedule TEXT NOT NULL,
  status TEXT NOT NULL,
  due_at TEXT NOT NULL,
  started_at TEXT,
  duration_ms INTEGER,
  fuel INTEGER,
  host_calls INTEGER,
  error TEXT
);
CREATE INDEX _host_runs_plugin ON _host_runs (plugin_id, id);

CREATE TABLE _host_invocations (
  id TEXT PRIMARY KEY,
  plugin_id TEXT NOT NULL,
  version TEXT NOT NULL,
  at TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  status TEXT NOT NULL,
  duration_ms INTEGER NOT NULL,
  fuel INTEGER NOT NULL,
  peak_bytes INTEGER NOT NULL,
  host_calls INTEGER NOT NULL,
  requests INTEGER NOT NULL,
  bytes_in INTEGER NOT NULL,
  bytes_out INTEGER NOT NULL,
  error TEXT
);
CREATE INDEX _host_invocations_plugin ON _host_invocations (plugin_id, id);

CREATE TABLE _host_logs (
  id TEXT PRIMARY KEY,
  plugin_id TEXT NOT NULL,
  invocation_id TEXT,
  at TEXT NOT NULL,
  level TEXT NOT NULL,
  message TEXT NOT NULL,
  data TEXT
);
CREATE INDEX _host_logs_plugin ON _host_logs (plugin_id, id);

CREATE TABLE _host_secrets (
  plugin_id TEXT NOT NULL,
  key TEXT NOT NULL,
  envelope TEXT NOT NULL,
  set_at TEXT NOT NULL,
  set_by TEXT NOT NULL,
  PRIMARY KEY (plugin_id, key)
);

CREATE TABLE _host_sessions (
  token_hash TEXT PRIMARY KEY,
  actor_id TEXT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL
);

-- One-time sign-in links; API tokens join them later.
CREATE TABLE _host_tokens (
  token_hash TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  used_at TEXT
);

-- Bundles, where no R2 bucket is bound. In parts, because a D1 row holds at most 2 MB.
CREATE TABLE _host_bundles (
  digest TEXT NOT NULL,
  part INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (digest, part)
);

-- Administrative acts, append-only and chained: `hash` is an HMAC over the row and the hash before it. `seq` orders the
-- writers: two that read the same head collide on it, and the slower batch is rolled back whole.
CREATE TABLE _host_audit (
  seq INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  actor TEXT NOT NULL,
  act TEXT NOT NULL,
  target TEXT NOT NULL,
  detail TEXT NOT NULL,
  hash TEXT NOT NULL
);
CREATE TRIGGER _host_audit_no_update BEFORE UPDATE ON _host_audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER _host_audit_no_delete BEFORE DELETE ON _host_audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
-- INSERT OR REPLACE deletes without firing the trigger above.
CREATE TRIGGER _host_audit_no_replace BEFORE INSERT ON _host_audit
WHEN EXISTS (SELECT 1 FROM _host_audit WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'audit sequence taken'); END;
