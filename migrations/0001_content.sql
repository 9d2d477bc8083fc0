-- The core CMS: EmDash's tables under EmDash's names, with the columns this host reads or writes.
--
-- Every statement is IF NOT EXISTS, so that the host can also stand on the database of an existing EmDash site: there
-- the tables are kept as they are, and only what is missing is added. Times are ISO 8601 text in UTC when this host
-- writes them; EmDash's defaults write `YYYY-MM-DD HH:MM:SS`, so readers take both.

-- A snapshot of all fields after each save.
CREATE TABLE IF NOT EXISTS revisions (
  id TEXT PRIMARY KEY,
  collection TEXT NOT NULL,
  entry_id TEXT NOT NULL,
  data TEXT NOT NULL,
  author_id TEXT,
  created_at TEXT DEFAULT (datetime('now'))
);
CREATE INDEX IF NOT EXISTS idx_revisions_entry ON revisions (collection, entry_id);

-- Which collections exist and which columns their tables have. Column names in SQL come from here alone.
CREATE TABLE IF NOT EXISTS _emdash_collections (
  id TEXT PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  label TEXT NOT NULL,
  label_singular TEXT,
  description TEXT,
  icon TEXT,
  supports TEXT,
  source TEXT,
  created_at TEXT DEFAULT (datetime('now')),
  updated_at TEXT DEFAULT (datetime('now')),
  has_seo INTEGER NOT NULL DEFAULT 0,
  url_pattern TEXT,
  routable INTEGER NOT NULL DEFAULT 1
);
CREATE TABLE IF NOT EXISTS _emdash_fields (
  id TEXT PRIMARY KEY,
  collection_id TEXT NOT NULL REFERENCES _emdash_collections (id) ON DELETE CASCADE,
  slug TEXT NOT NULL,
  label TEXT NOT NULL,
  type TEXT NOT NULL,
  column_type TEXT NOT NULL,
  required INTEGER DEFAULT 0,
  "unique" INTEGER DEFAULT 0,
  default_value TEXT,
  validation TEXT,
  widget TEXT,
  options TEXT,
  sort_order INTEGER DEFAULT 0,
  created_at TEXT DEFAULT (datetime('now'))
);
CREATE UNIQUE INDEX IF NOT EXISTS idx_fields_collection_slug ON _emdash_fields (collection_id, slug);
CREATE INDEX IF NOT EXISTS idx_fields_sort ON _emdash_fields (collection_id, sort_order);

CREATE TABLE IF NOT EXISTS ec_posts (
  id TEXT PRIMARY KEY,
  slug TEXT,
  status TEXT DEFAULT 'draft',
  author_id TEXT,
  primary_byline_id TEXT,
  created_at TEXT DEFAULT (datetime('now')),
  updated_at TEXT DEFAULT (datetime('now')),
  published_at TEXT,
  scheduled_at TEXT,
  deleted_at TEXT,
  version INTEGER DEFAULT 1,
  live_revision_id TEXT REFERENCES revisions (id),
  draft_revision_id TEXT REFERENCES revisions (id),
  locale TEXT NOT NULL DEFAULT 'en',
  translation_group TEXT,
  title TEXT NOT NULL DEFAULT '',
  featured_image TEXT,
  content TEXT,
  excerpt TEXT,
  CONSTRAINT ec_posts_slug_locale_unique UNIQUE (slug, locale)
);
-- Lists filter on `deleted_at IS NULL` and order by one time and the id; D1 never runs ANALYZE, so each order has its own.
CREATE INDEX IF NOT EXISTS idx_ec_posts_deleted_updated_id ON ec_posts (deleted_at, updated_at DESC, id DESC);
CREATE INDEX IF NOT EXISTS idx_ec_posts_deleted_created_id ON ec_posts (deleted_at, created_at DESC, id DESC);
CREATE INDEX IF NOT EXISTS idx_ec_posts_deleted_published_id ON ec_posts (deleted_at, published_at DESC, id DESC);
CREATE INDEX IF NOT EXISTS idx_ec_posts_deleted_status ON ec_posts (deleted_at, status);
CREATE INDEX IF NOT EXISTS idx_ec_posts_tg_locale ON ec_posts (translation_group, locale);
CREATE INDEX IF NOT EXISTS idx_ec_posts_live_revision ON ec_posts (live_revision_id);
CREATE INDEX IF NOT EXISTS idx_ec_posts_draft_revision ON ec_posts (draft_revision_id);
CREATE INDEX IF NOT EXISTS idx_ec_posts_author ON ec_posts (author_id);

CREATE TABLE IF NOT EXISTS _emdash_seo (
  collection TEXT NOT NULL,
  content_id TEXT NOT NULL,
  seo_title TEXT,
  seo_description TEXT,
  seo_image TEXT,
  seo_canonical TEXT,
  seo_no_index INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL DEFAULT (datetime('now')),
  updated_at TEXT NOT NULL DEFAULT (datetime('now')),
  PRIMARY KEY (collection, content_id)
);

-- Terms, and which items carry them. `taxonomy_id` and `entry_id` hold translation groups, which are ids where an item
-- or a term has one language.
CREATE TABLE IF NOT EXISTS taxonomies (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  slug TEXT NOT NULL,
  label TEXT NOT NULL,
  parent_id TEXT REFERENCES taxonomies (id) ON DELETE SET NULL,
  data TEXT,
  locale TEXT NOT NULL DEFAULT 'en',
  translation_group TEXT,
  CONSTRAINT taxonomies_name_slug_locale_unique UNIQUE (name, slug, locale)
);
CREATE INDEX IF NOT EXISTS idx_taxonomies_name_locale ON taxonomies (name, locale);
CREATE INDEX IF NOT EXISTS idx_taxonomies_translation_group ON taxonomies (translation_group);
CREATE INDEX IF NOT EXISTS idx_taxonomies_parent ON taxonomies (parent_id);
CREATE TABLE IF NOT EXISTS content_taxonomies (
  collection TEXT NOT NULL,
  entry_id TEXT NOT NULL,
  taxonomy_id TEXT NOT NULL,
  CONSTRAINT content_taxonomies_pk PRIMARY KEY (collection, entry_id, taxonomy_id)
);
CREATE INDEX IF NOT EXISTS idx_content_taxonomies_term ON content_taxonomies (taxonomy_id);

CREATE TABLE IF NOT EXISTS media (
  id TEXT PRIMARY KEY,
  filename TEXT NOT NULL,
  mime_type TEXT NOT NULL,
  size INTEGER,
  width INTEGER,
  height INTEGER,
  alt TEXT,
  caption TEXT,
  storage_key TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT 'ready',
  content_hash TEXT,
  blurhash TEXT,
  dominant_color TEXT,
  created_at TEXT DEFAULT (datetime('now')),
  author_id TEXT
);
CREATE INDEX IF NOT EXISTS idx_media_content_hash ON media (content_hash);
CREATE INDEX IF NOT EXISTS idx_media_created_at ON media (created_at);

CREATE TABLE IF NOT EXISTS users (
  id TEXT PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,
  name TEXT,
  avatar_url TEXT,
  role INTEGER NOT NULL DEFAULT 10,
  email_verified INTEGER NOT NULL DEFAULT 0,
  data TEXT,
  created_at TEXT DEFAULT (datetime('now')),
  updated_at TEXT DEFAULT (datetime('now')),
  disabled INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS options (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

-- The documents of plugins (`ctx.storage`, `ctx.kv`), and which expression indexes exist on them.
CREATE TABLE IF NOT EXISTS _plugin_storage (
  plugin_id TEXT NOT NULL,
  collection TEXT NOT NULL,
  id TEXT NOT NULL,
  data TEXT NOT NULL,
  created_at TEXT DEFAULT (datetime('now')),
  updated_at TEXT DEFAULT (datetime('now')),
  CONSTRAINT pk_plugin_storage PRIMARY KEY (plugin_id, collection, id)
);
CREATE INDEX IF NOT EXISTS idx_plugin_storage_list ON _plugin_storage (plugin_id, collection, created_at);
CREATE TABLE IF NOT EXISTS _plugin_indexes (
  plugin_id TEXT NOT NULL,
  collection TEXT NOT NULL,
  index_name TEXT NOT NULL,
  fields TEXT NOT NULL,
  created_at TEXT DEFAULT (datetime('now')),
  CONSTRAINT pk_plugin_indexes PRIMARY KEY (plugin_id, collection, index_name)
);

-- This host's own: which item a create with an idempotency key made. `plugin_id` is a plugin's id, or `@<kind>:<id>` for
-- people and tokens, which no plugin id can be.
CREATE TABLE IF NOT EXISTS _host_idempotency (
  plugin_id TEXT NOT NULL,
  key TEXT NOT NULL,
  collection TEXT NOT NULL,
  content_id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  PRIMARY KEY (plugin_id, key)
);

-- The blog's collection. An EmDash site that has one of that name keeps it: its row blocks the first insert, and the
-- fields are only added to the collection of the id written here.
INSERT OR IGNORE INTO _emdash_collections (id, slug, label, label_singular, supports, source, has_seo, url_pattern)
VALUES ('00000000000000000000POSTS0', 'posts', 'Posts', 'Post', '["drafts","revisions","search","seo"]', 'seed', 1, '/posts/{slug}');
INSERT OR IGNORE INTO _emdash_fields (id, collection_id, slug, label, type, column_type, required, sort_order)
SELECT field.column1, collection.id, field.column2, field.column3, field.column4, field.column5, field.column6, field.column7
FROM _emdash_collections AS collection
JOIN (
  VALUES
    ('00000000000000000POSTS0001', 'title', 'Title', 'string', 'TEXT', 1, 0),
    ('00000000000000000POSTS0002', 'featured_image', 'Featured image', 'image', 'TEXT', 0, 1),
    ('00000000000000000POSTS0003', 'content', 'Content', 'portableText', 'JSON', 0, 2),
    ('00000000000000000POSTS0004', 'excerpt', 'Excerpt', 'text', 'TEXT', 0, 3)
) AS field
WHERE collection.id = '00000000000000000000POSTS0';
