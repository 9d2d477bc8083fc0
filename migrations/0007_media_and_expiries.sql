-- What the bridges of taxonomies, media and kv need. EmDash's own tables are made where they are missing and never changed,
-- so that the host can also stand on the database of an existing EmDash site.

-- Which taxonomies there are. Their terms are in `taxonomies`. EmDash's two are only added where there is none yet.
CREATE TABLE IF NOT EXISTS _emdash_taxonomy_defs (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  label TEXT NOT NULL,
  label_singular TEXT,
  hierarchical INTEGER DEFAULT 0,
  collections TEXT,
  created_at TEXT DEFAULT (datetime('now')),
  locale TEXT NOT NULL DEFAULT 'en',
  translation_group TEXT,
  CONSTRAINT _emdash_taxonomy_defs_name_locale_unique UNIQUE (name, locale)
);
INSERT INTO _emdash_taxonomy_defs (id, name, label, label_singular, hierarchical, collections, translation_group)
SELECT def.column1, def.column2, def.column3, def.column4, def.column5, '["posts"]', def.column1
FROM (
  VALUES
    ('taxdef_category', 'category', 'Categories', 'Category', 1),
    ('taxdef_tag', 'tag', 'Tags', 'Tag', 0)
) AS def
WHERE NOT EXISTS (SELECT 1 FROM _emdash_taxonomy_defs);

-- A public address of a file names its key.
CREATE INDEX IF NOT EXISTS idx_media_storage_key ON media (storage_key);

-- Which plugin uploaded a file; `media.author_id` is for people.
CREATE TABLE _host_uploads (
  media_id TEXT PRIMARY KEY,
  plugin_id TEXT NOT NULL
);
CREATE INDEX _host_uploads_plugin ON _host_uploads (plugin_id);

-- When a plugin's key expires. The key itself is in `_plugin_storage`; `written_at` is the `updated_at` of the write that
-- set the time, so that a later write without one ends it.
CREATE TABLE _host_expiries (
  plugin_id TEXT NOT NULL,
  collection TEXT NOT NULL,
  id TEXT NOT NULL,
  written_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  PRIMARY KEY (plugin_id, collection, id)
);
CREATE INDEX _host_expiries_due ON _host_expiries (expires_at);

UPDATE _host_state SET schema = 7 WHERE id = 1;
