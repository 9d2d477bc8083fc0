-- What an invocation was about to do outside the database when its row was written ahead, with the status `started`; the
-- row of its end keeps it. See docs/decisions/020-start-rows.md.
ALTER TABLE _host_invocations ADD COLUMN outside TEXT;

UPDATE _host_state SET schema = 11 WHERE id = 1;
