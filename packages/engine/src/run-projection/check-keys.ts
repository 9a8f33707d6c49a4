import { jsonFault, KirokuError, type RowKey, rowKeyText, type Table } from '@kiroku/core';
import { isDate, isTimestamp } from '../rebuild-projection/check-row.ts';

/** The rows an event touches, by `rowKeyText`, each once. Throws `RowInvalid` for a key that no row can have. */
export function distinctKeys(title: string, table: Table, keys: readonly RowKey[]): ReadonlyMap<string, RowKey> {
  const distinct = new Map<string, RowKey>();
  for (const key of keys) {
    const keyText = checkKey(title, table, key);
    if (!distinct.has(keyText)) distinct.set(keyText, key);
  }
  return distinct;
}

/** The key as text. Throws `RowInvalid` if no row can have it: its values must be right before rows can be looked up by it. */
export function checkKey(title: string, table: Table, key: RowKey): string {
  for (const column of table.key) {
    const fault = faultOf(table.columns[column] ?? '', key[column]);
    if (fault !== undefined) throw new KirokuError('RowInvalid', `${title} was given a key that no row can have: ${column} is ${fault}.`);
  }
  const keyText = rowKeyText(table, key);
  if (keyText.length > mostUnits && Buffer.byteLength(keyText) > mostBytes)
    throw new KirokuError('RowInvalid', `${title} was given a key of more than ${mostBytes} bytes, which no index can hold.`);
  return keyText;
}

// an entry of a PostgreSQL index has at most 2,704 bytes; a text of fewer units than this is shorter in any case
const mostBytes = 2_000;
const mostUnits = mostBytes / 3;

function faultOf(spec: string, value: unknown): string | undefined {
  switch (spec) {
    case 'integer key':
      return Number.isSafeInteger(value) ? undefined : `a ${typeof value}, not an exact integer`;
    case 'boolean key':
      return typeof value === 'boolean' ? undefined : `a ${typeof value}, not a boolean`;
    case 'timestamp key':
      return isTimestamp(value) ? undefined : (notText(value) ?? `"${String(value).slice(0, 40)}", not a timestamp`);
    case 'date key':
      return isDate(value) ? undefined : (notText(value) ?? `"${String(value).slice(0, 40)}", not a date`);
    case 'text key':
      return notText(value) ?? jsonFault(value);
    default:
      return jsonFault(value);
  }
}

function notText(value: unknown): string | undefined {
  return typeof value === 'string' ? undefined : `a ${typeof value}, not a text`;
}
