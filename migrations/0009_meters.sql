-- How much plugins used, by meter and hour (UTC, `2026-11-23T04`). What is older than two days is added up under the first
-- hour of its day. The hour comes first in the key: what is read each minute is one short range of it.
CREATE TABLE _host_meters (
  hour TEXT NOT NULL,
  plugin_id TEXT NOT NULL,
  meter TEXT NOT NULL,
  amount INTEGER NOT NULL,
  PRIMARY KEY (hour, plugin_id, meter)
) WITHOUT ROWID;

UPDATE _host_state SET schema = 9 WHERE id = 1;
