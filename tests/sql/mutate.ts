/** Which statements are tried? Known ones changed word by word, and random ones from a small grammar; a seed decides all of it. */
import given from "../corpora/sql-statements.json" with { type: "json" };

/** A number from 0 to below 1. */
export type Random = () => number;

/** Numbers that depend on the seed alone. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

const OWN = words(`items log fts`);
const CORE = words(`ec_posts users`);
const OTHERS =
  words(`ec_users options _emdash_seo _host_secrets p_other_items p_3f9c_items p_3f9c_fts p_3f9c_fts_data ec_v
  sqlite_schema sqlite_master sqlite_temp_master sqlite_sequence pragma_table_list pragma_table_info dbstat _cf_KV d1_x
  _cte_t _cte_items json_each json_tree fts5vocab generate_series t u x main.users main.items temp.items excluded`);
/** Nearly every table has these. */
const COMMON = words(`id k v title`);
const COLUMNS =
  words(`item_id pw secret value rowid status rank fts items main.items.k items.v ec_posts.title ec_posts.secret
  users.pw t.k u.v fts.fts excluded.v _emdash_seo.secret main.ec_posts.title p_3f9c_items.k items.* * 1 'x' null`);
const FUNCTIONS =
  words(`count max min sum group_concat length lower upper substr replace instr hex quote printf format zeroblob
  randomblob load_extension fts3_tokenizer sqlite_version changes last_insert_rowid total_changes json_extract json_each
  bm25 highlight snippet row_number lag date strftime char trim coalesce iif abs random fts5 match like glob`);
const PIECES =
  words(`select from where with recursive as ( ) , ; . union all except intersect values insert into update set
  delete replace on conflict do nothing returning join left cross natural using group by having order limit offset
  exists in not and or is null match like glob escape between case when then else end cast collate over partition window
  filter distinct explain pragma attach vacuum begin commit rollback savepoint analyze reindex create table trigger view
  index drop alter indexed not_indexed materialized rows range groups current row unbounded preceding following exclude
  ? ?1 ?2 :a @a $a = == <> < > || + - * / % ~ -> ->> -- /* */ "x" 'x' [x] x'00' 1 1.5 0x1F true false default main temp`);
const ODD = [
  "\0",
  "\u{feff}",
  "\u{200b}",
  "\u{ef}\u{bb}\u{bf}",
  "\u{a0}",
  "\u{2028}",
  "\u{410}",
  "\u{212a}",
  "\t",
  "\n",
  "\r",
  "\v",
  "\f",
  "'",
  '"',
  "`",
  "[",
  "]",
  ";",
  "--",
  "/*",
  "*/",
  "\\",
  "\u{d800}",
];

const SEEDS: readonly string[] = [
  ...given.hostile,
  ...given.legitimate.map(({ sql }) => sql),
  "select items.k, main.items.v from items where items.id in (select log.item_id from log)",
  "select highlight(fts, 0, '<b>', '</b>') h from fts where fts match ? order by bm25(fts)",
  "insert into fts(fts, rank) values('rank', 'bm25(2.0)')",
  "insert into items(k, v) select title, k from ec_posts where id > ? on conflict(k) do update set v = excluded.v || items.v where items.k <> 'x' returning items.k, (select count(*) from log)",
  "update items set v = l.title from log l where l.item_id = items.id returning items.v",
  "update ec_posts set title = ? where k = ? and id in (select i.id from items i)",
  "insert into _emdash_seo(id, title) values(?, ?) on conflict(id) do update set title = excluded.title",
  "delete from _emdash_seo where k is null or title = ?",
  "with a as (select id from items), b(x) as materialized (select id from a where id > 1) select x from b union select id from ec_posts order by 1",
  "with recursive n(i) as (select 0 union all select i + 1 from n where i < 9) select date('now', '-' || i || ' days') from n",
  "select value, items.k from items, json_each(items.v) where json_valid(items.v)",
  "select sum(id) over w, lag(k, 1) over (order by id rows between 1 preceding and current row) from items window w as (partition by v)",
  "select case when exists(select 1 from log where log.item_id = items.id) then 'y' else 'n' end from items where k in ec_posts",
  "select * from (items join log on log.item_id = items.id) left join users u on u.id = items.id",
  "replace into items(id, k) values (1, 'z'), (2, cast(? as text) collate nocase)",
  "delete from items where (id, k) in (values (1, 'a')) returning *",
];

const SPLIT = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|[\w$]+|\s+|[^\w\s]/gu;

/** Makes statements. */
export function createStatements(random: Random): () => string {
  const below = (limit: number) => Math.floor(random() * limit);
  const pick = <Item>(items: readonly Item[]): Item => items[below(items.length)]!;
  const chance = (probability: number) => random() < probability;
  const table = () => (chance(0.75) ? pick(OWN) : chance(0.6) ? pick(CORE) : pick(OTHERS));
  const word = () => {
    const kind = random();
    if (kind < 0.4) return pick(PIECES);
    if (kind < 0.6) return table();
    if (kind < 0.75) return pick(COLUMNS);
    if (kind < 0.85) return pick(FUNCTIONS);
    return kind < 0.95 ? quoted(table()) : pick(ODD);
  };
  const quoted = (name: string) =>
    pick([`"${name}"`, `\`${name}\``, `[${name}]`, `'${name}'`, name.toUpperCase(), `main.${name}`, `main."${name}"`]);

  const mutate = (seed: string): string => {
    const parts = seed.match(SPLIT) ?? [];
    for (let changes = 1 + below(3); changes > 0; changes--) {
      const at = below(parts.length + 1);
      switch (below(8)) {
        case 0:
          parts.splice(at, 1);
          break;
        case 1:
          parts.splice(at, 0, " ", word(), " ");
          break;
        case 2:
          if (at < parts.length) parts[at] = quoted(parts[at]!.replace(/^["`[']|["`\]']$/g, ""));
          break;
        case 3: {
          const other = pick(SEEDS).match(SPLIT) ?? [];
          parts.splice(at, below(4), " ", ...other.slice(below(other.length)));
          break;
        }
        case 4:
          parts.splice(at, 0, "(", ...(parts.splice(at, below(5)) ?? []), ")");
          break;
        case 5:
          parts.splice(at, 0, pick(ODD));
          break;
        case 6:
          parts.splice(at, 1, "(", select(1), ")");
          break;
        default:
          if (at < parts.length) parts[at] = word();
      }
    }
    return parts.join("");
  };

  const expression = (depth: number): string => {
    const kind = random();
    if (depth > 2 || kind < 0.45) return chance(0.85) ? pick(COMMON) : pick(COLUMNS);
    if (kind < 0.55) return pick(["?", "?1", "'x'", "1", "x'ab'", "null", "true"]);
    if (kind < 0.65)
      return `${pick(FUNCTIONS)}(${expression(depth + 1)}${chance(0.4) ? `, ${expression(depth + 1)}` : ""})`;
    if (kind < 0.72) return `(${select(depth + 1)})`;
    if (kind < 0.78) return `${expression(depth + 1)} in ${chance(0.5) ? table() : `(${select(depth + 1)})`}`;
    if (kind < 0.82) return `${chance(0.5) ? "fts" : table()} match ${expression(depth + 1)}`;
    if (kind < 0.86) return `exists(${select(depth + 1)})`;
    return `${expression(depth + 1)} ${pick(["=", "<", "||", "and", "or", "like", "is", "+", "->>", "not like"])} ${expression(depth + 1)}`;
  };
  const source = (depth: number): string => {
    const kind = random();
    const name = chance(0.15) ? quoted(table()) : table();
    if (kind < 0.7) return name + (chance(0.3) ? pick([" t", " as u", " as items", " x"]) : "");
    if (kind < 0.85 && depth < 3) return `(${select(depth + 1)})${chance(0.7) ? " as t" : ""}`;
    if (kind < 0.93) return `json_each(${expression(depth + 1)})`;
    return `(${name})`;
  };
  const select = (depth: number): string => {
    const from = chance(0.9) ? ` from ${source(depth)}` : "";
    const join =
      from && chance(0.25)
        ? ` ${pick(["join", "left join", ",", "cross join"])} ${source(depth)} on ${expression(1)}`
        : "";
    const where = chance(0.4) ? ` where ${expression(depth)}` : "";
    const rest = chance(0.2) ? ` order by ${expression(2)}` : chance(0.2) ? ` group by ${expression(2)}` : "";
    const compound = chance(0.08)
      ? ` ${pick(["union", "union all", "except"])} select ${expression(2)} from ${source(2)}`
      : "";
    return `select ${expression(depth)}${chance(0.3) ? `, ${expression(depth)}` : ""}${from}${join}${where}${compound || rest}`;
  };
  const returning = () => (chance(0.3) ? ` returning ${expression(1)}` : "");
  const grammar = (): string => {
    const common = chance(0.2)
      ? `with ${chance(0.1) ? "recursive " : ""}${pick(["t", "u", "x", "items", "users"])} as (${select(1)}) `
      : "";
    const kind = random();
    if (kind < 0.55) return common + select(0);
    const target = chance(0.8) ? table() : pick(["_emdash_seo", "ec_posts"]);
    if (kind < 0.7)
      return `${common}update ${target} set ${pick(["k", "v", "title"])} = ${expression(1)} where ${expression(1)}${returning()}`;
    if (kind < 0.8) return `${common}delete from ${target} where ${expression(1)}${returning()}`;
    const values = chance(0.5) ? `values(${expression(1)})` : select(1);
    const upsert = chance(0.4)
      ? ` on conflict(${pick(["k", "id"])}) do update set ${pick(["v", "title"])} = ${expression(1)}`
      : "";
    return `${common}insert into ${target}(${pick(["k", "v", "title", "title", "fts"])}) ${values}${upsert}${returning()}`;
  };

  return () => {
    const kind = random();
    if (kind < 0.45) return mutate(pick(SEEDS));
    return kind < 0.85 ? grammar() : mutate(grammar());
  };
}
