-- Where a plugin failed: a trace as JSON text, with places in the author's files.
ALTER TABLE _host_invocations ADD COLUMN trace TEXT;
UPDATE _host_state SET schema = 3 WHERE id = 1;
