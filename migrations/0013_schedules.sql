-- Overlap, catch-up, retries and jitter as the manifest says them, as JSON; null: the defaults.
ALTER TABLE _host_schedules ADD COLUMN rules TEXT;
-- The time that the present tries are for, where `next_run_at` is that of a retry.
ALTER TABLE _host_schedules ADD COLUMN slot_at TEXT;
-- Tries for this time that failed, and that ended with their Worker.
ALTER TABLE _host_schedules ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE _host_schedules ADD COLUMN crashes INTEGER NOT NULL DEFAULT 0;
-- Times in a row that failed with all their tries.
ALTER TABLE _host_schedules ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
-- The run that holds the lease.
ALTER TABLE _host_schedules ADD COLUMN running_id TEXT;
-- Paused by the host until a person resumes it.
ALTER TABLE _host_schedules ADD COLUMN paused_at TEXT;
ALTER TABLE _host_schedules ADD COLUMN paused_reason TEXT;
-- Which try it was: 1 is the first.
ALTER TABLE _host_runs ADD COLUMN attempt INTEGER NOT NULL DEFAULT 1;

UPDATE _host_state SET schema = 13 WHERE id = 1;
