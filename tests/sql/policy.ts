/** What do the guard's tests guard? A database with tables of the host, of the plugin and of another, and a policy over it. */
import type { SqlPolicy } from "../../host/sql/policy.ts";

/** The database, as D1 and as SQLite in wasm make it. */
export const SCHEMA: readonly string[] = [
  // Columns of the same names, so that a random statement often fits.
  "create table ec_posts(id integer primary key, k text, v text, title text, status text, secret text)",
  "create table ec_users(id integer primary key, k text, v text, pw text)",
  "create table users(id integer primary key, k text, v text, title text, role text, pw text)",
  "create table options(k text primary key, v text)",
  "create table _emdash_seo(id text primary key, k text, v text, title text, secret text)",
  "create table _host_secrets(k text primary key, v text)",
  "create table p_other_items(id integer primary key, v text)",
  "create table p_3f9c_items(id integer primary key, k text unique, v text, title text)",
  "create index p_3f9c_ix on p_3f9c_items(v)",
  "create table p_3f9c_log(id integer primary key, k text, v text, title text, item_id integer references p_3f9c_items(id) on delete cascade)",
  "create virtual table p_3f9c_fts using fts5(k, v, title, id unindexed)",
  "create view ec_v as select k, pw from ec_users",
];

/** A row or two of everything. What must not be read holds TOPSECRET. */
export const SEED: readonly string[] = [
  "insert into ec_posts values(1,'hello','hello','Hello','published','TOPSECRET'),(2,'draft','draft','DRAFT','draft','TOPSECRET')",
  "insert into ec_users values(1,'a','b','TOPSECRET')",
  "insert into users values(1,'ann','Ann','Ms','admin','TOPSECRET')",
  "insert into options values('key','TOPSECRET')",
  "insert into _emdash_seo values('1','a','b','t','TOPSECRET')",
  "insert into _host_secrets values('key','TOPSECRET')",
  "insert into p_other_items values(1,'TOPSECRET')",
  "insert into p_3f9c_items values(1,'a','b','first'),(2,'c','d','second')",
  "insert into p_3f9c_log values(1,'x','y','log',1)",
  "insert into p_3f9c_fts(k, v, title, id) values('some text','more','title',1)",
];

/** A plugin with three tables, two core tables to read and two to write. */
export const POLICY: SqlPolicy = {
  own: new Map([
    ["items", "p_3f9c_items"],
    ["log", "p_3f9c_log"],
    ["fts", "p_3f9c_fts"],
  ]),
  fullText: new Set(["fts"]),
  readable: new Map([
    ["ec_posts", "SELECT id, k, v, title FROM ec_posts WHERE status = 'published' -- public"],
    ["users", "SELECT id, k, v, title FROM users"],
  ]),
  writable: new Set(["ec_posts", "_emdash_seo"]),
};
