import type { ColumnType, Row, Table } from '@kiroku/core';
import { canonicalJson } from '../handle-command/canonical-json.ts';

/** A value of a row as text that is the same whether it comes from a fold or from the database. */
export function canonicalValue(type: ColumnType, value: unknown): string | null {
  if (value === null || value === undefined) return null;
  switch (type) {
    case 'text':
    case 'date':
    case 'integer':
    case 'boolean':
      return `${value as string | number | boolean}`; // rows are checked when they are folded
    case 'timestamp':
      return canonicalTimestamp(value as string); // as above
    case 'json':
      return canonicalJson(value);
  }
}

/** The columns in which two rows of a table differ. */
export function differingColumns(table: Table, a: Row, b: Row): string[] {
  const differing: string[] = [];
  for (const column in table.columns) {
    const [left, right] = [a[column], b[column]];
    if (left === right) continue;
    const type = columnType(table, column);
    if (canonicalValue(type, left) !== canonicalValue(type, right)) differing.push(column);
  }
  return differing;
}

/**
 * Makes texts of `rowKeyText` the same whether the key comes from a fold or from the database: these may write an instant or JSON in other
 * ways. `undefined` for tables whose keys are always written in one way.
 */
export function keyTextCanon(table: Table): ((keyText: string) => string) | undefined {
  const types = table.key.map((column) => columnType(table, column));
  if (!types.some((type) => type === 'timestamp' || type === 'json')) return undefined;
  const [only] = types;
  if (types.length === 1) return only === 'timestamp' ? canonicalTimestamp : undefined;
  return (keyText) => {
    if (keyText.startsWith('#')) return keyText; // the position of an event whose keys could not be told
    const values = JSON.parse(keyText) as readonly unknown[]; // made by rowKeyText
    return JSON.stringify(types.map((type, index) => canonicalValue(type, values[index])));
  };
}

export function columnType(table: Table, column: string): ColumnType {
  return (table.columns[column] ?? 'text').replace(/ key$|\?$/, '') as ColumnType; // what is left of a column spec
}

const asStored = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
// needs no calendar: a quarter of the time
const inUtc = /^(\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d{1,6}))?Z$/;
const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(?:\.(\d+))?(Z|[+-]\d\d(?::?\d\d)?)$/;

/** In UTC with microseconds, rounded to them, as PostgreSQL stores it. */
function canonicalTimestamp(text: string): string {
  if (asStored.test(text)) return text;
  const usual = inUtc.exec(text);
  if (usual !== null) return `${usual[1]}.${(usual[2] ?? '').padEnd(6, '0')}Z`;
  const match = parts.exec(text);
  if (match === null) return text;
  const [, time = '', fraction = '', zone = 'Z'] = match;
  const micros = Math.round(Number(`0.${fraction || '0'}`) * 1_000_000);
  const offset = zone.length === 3 ? `${zone}:00` : zone;
  const seconds = Date.parse(`${time}${offset}`) + Math.floor(micros / 1_000_000) * 1_000;
  return `${new Date(seconds).toISOString().slice(0, 19)}.${String(micros % 1_000_000).padStart(6, '0')}Z`;
}
