-- When a version last went live: what a rollback goes back to is the one before.
ALTER TABLE _host_versions ADD COLUMN live_at TEXT;
UPDATE _host_versions SET live_at = uploaded_at
WHERE EXISTS (SELECT 1 FROM _host_plugins AS p WHERE p.id = plugin_id AND p.live_version = version)
  OR EXISTS (SELECT 1 FROM _host_grants AS g WHERE g.plugin_id = _host_versions.plugin_id AND g.version = _host_versions.version);

UPDATE _host_state SET schema = 12 WHERE id = 1;
