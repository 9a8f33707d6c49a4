import type { QueryConfig } from 'pg';
import { type Statement, statement } from '../statement.ts';

/** What a page of the log is read for, by the names that sql/read/read_log.sql has for it. */
export interface WantedPage {
  readonly after: number;
  readonly last: number;
  /** Positions to a row, if there is to be more than one. */
  readonly piece: number | undefined;
  /** Bytes of data and metadata in a row at most. */
  readonly bound: number | null;
  readonly types: readonly string[] | undefined;
  readonly categories: readonly string[] | undefined;
  readonly tags: readonly string[] | undefined;
  readonly part: number | undefined;
  readonly parts: number | undefined;
}

const optional = ['types', 'categories', 'tags', 'parts', 'piece'] as const;
const prepared = new Map<string, Statement & { readonly names: readonly (keyof WantedPage)[] }>();

/** The statement for a page, without conditions for what is not asked for: each costs as much for an event as finding it. */
export function readLogStatement(wanted: WantedPage): QueryConfig {
  const used = optional.filter((each) => wanted[each] !== undefined);
  const kind = used.join('+');
  const known = prepared.get(kind) ?? prepare(kind, new Set(used));
  prepared.set(kind, known);
  const { name, text, names } = known;
  return { name, text, values: names.map((each) => wanted[each]) };
}

function prepare(kind: string, used: ReadonlySet<string>) {
  const { name, text } = statement('read/read_log');
  const unused = optional.filter((each) => !used.has(each));
  const lines = text.split('\n').filter((line) => !unused.some((each) => line.includes(`$${each}::`)));
  const names: (keyof WantedPage)[] = [];
  const numbered = lines.join('\n').replace(/\$([a-z]+)/g, (_, each: keyof WantedPage) => {
    if (!names.includes(each)) names.push(each);
    return `$${names.indexOf(each) + 1}`;
  });
  return { name: kind === '' ? name : `${name}:${kind}`, text: numbered, names };
}
