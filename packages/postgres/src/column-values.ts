import { KirokuError } from '@kiroku/core';
import pg from 'pg';

type Parse = (text: string) => unknown;

const oids = { int8: 20, date: 1082, timestamptz: 1184, int4Array: 1007, int8Array: 1016 } as const;

const parsers: ReadonlyMap<number, Parse> = new Map<number, Parse>([
  [oids.int8, parseInt8],
  [oids.int4Array, parseIntegers],
  [oids.int8Array, (text) => parseIntegers(text).map(requireSafe)],
  [oids.timestamptz, parseTimestamp],
  [oids.date, (text) => text], // pg would make it midnight in the process's time zone
]);

/** How our connections read columns: int8 as a checked number, timestamptz as ISO 8601 UTC text with microseconds, date as text. */
export const columnTypes: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    const parse = format === 'binary' ? undefined : parsers.get(oid);
    return parse ?? pg.types.getTypeParser(oid, format as 'text'); // the overloads of pg do not take the union
  },
};

/** An int8 as a number. Throws `PositionOverflow` for what a number cannot hold exactly. */
export function parseInt8(text: string): number {
  return requireSafe(Number(text));
}

/** `2026-11-24 10:00:00.1234+00` → `2026-11-24T10:00:00.123400Z`. Infinities stay as they are. */
export function parseTimestamp(text: string): string {
  const match = shape.exec(text);
  if (match === null) return text;
  const [, date, time, fraction = '', offset] = match;
  const micros = fraction.padEnd(6, '0');
  if (offset === '+00') return `${date}T${time}.${micros}Z`;
  const zoned = new Date(`${date}T${time}${offset?.length === 3 ? `${offset}:00` : offset}`); // a session in another time zone
  return `${zoned.toISOString().slice(0, 19)}.${micros}Z`;
}

const epochMs = Date.UTC(2000, 0, 1);

/** As `parseTimestamp`, from what PostgreSQL sends for a timestamptz in binary: microseconds since 2000. */
export function timestampText(micros: number): string {
  if (Math.abs(micros) >= 2 ** 63) return micros > 0 ? 'infinity' : '-infinity';
  const ms = Math.floor(micros / 1_000);
  const fraction = String(micros - ms * 1_000).padStart(3, '0');
  return `${new Date(epochMs + ms).toISOString().slice(0, -1)}${fraction}Z`;
}

const shape = /^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?([+-]\d\d(?::\d\d)?)$/;

function parseIntegers(text: string): number[] {
  const list: unknown = JSON.parse(`[${text.slice(1, -1).replaceAll('NULL', 'null')}]`);
  return list as number[]; // one-dimensional integer arrays are the only ones with these types here
}

function requireSafe(value: number): number {
  if (Number.isSafeInteger(value)) return value;
  throw new KirokuError(
    'PositionOverflow',
    `The database returned ${value}, which is beyond 2^53−1. A number would lose its last digits; store it as text or numeric instead.`,
  );
}
