import { readFileSync } from 'node:fs';

/** A statement that PostgreSQL prepares once per connection, under its name. Spread it into pg's query: `{ ...statement(…), values }`. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

const loaded = new Map<string, Statement>();

/** The statement of `sql/<name>.sql`, e.g. `append/append_batch`. Read from disk once. */
export function statement(name: string): Statement {
  const known = loaded.get(name);
  if (known !== undefined) return known;
  const text = readFileSync(new URL(`../sql/${name}.sql`, import.meta.url), 'utf8');
  const fresh = { name: `kiroku/${name}`, text };
  loaded.set(name, fresh);
  return fresh;
}
