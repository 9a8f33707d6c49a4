import { z } from 'zod';
import type { Watched } from '../graphql/context.ts';

const byName = z.record(z.string(), z.array(z.string()));

const changeLine = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('open'), timeline: z.int().default(1) }),
  z.object({ kind: z.literal('heartbeat') }),
  z.object({ kind: z.literal('current') }),
  z.object({ kind: z.literal('reading'), projection: z.string(), version: z.int(), build: z.int(), positions: z.array(z.int()) }),
  z.object({
    kind: z.literal('advance'),
    projection: z.string(),
    version: z.int(),
    build: z.int(),
    partition: z.int(),
    position: z.int(),
    timeline: z.int().default(1),
    /** Keys of changed rows by table; absent when there were too many to tell. */
    changed: byName.optional(),
    lists: byName.optional(),
  }),
]);

const toldKind = z.looseObject({ kind: z.enum(['advance', 'reading']) });

export type Change = z.output<typeof changeLine>;

/** A line that tells of something here, in words of another release. */
export const unreadable = 'unreadable';

/** Reads a line of the stream; `undefined` for one that tells of something else. */
export function parseChange(line: string): Change | typeof unreadable | undefined {
  try {
    const content: unknown = JSON.parse(line);
    return changeLine.safeParse(content).data ?? (toldKind.safeParse(content).success ? unreadable : undefined);
  } catch {
    return line.trim() === '' ? undefined : unreadable;
  }
}

/** May the watched rows have changed? */
export function touches(change: Extract<Change, { kind: 'advance' | 'reading' }>, { projection, tables }: Watched): boolean {
  if (change.projection !== projection) return false;
  const changed = change.kind === 'advance' ? change.changed : undefined;
  if (changed === undefined) return true;
  return Object.entries(tables).some(([table, key]) => {
    const keys = changed[table] ?? [];
    return key === 'any' ? keys.length > 0 : keys.includes(key);
  });
}
