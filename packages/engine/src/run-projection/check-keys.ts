import { type ColumnType, jsonFault, KirokuError, type RowKey, rowKeyText, type Table } from '@kiroku/core';

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
    const fault = faultOf(table.columns[column]?.replace(/ key$/, '') as ColumnType, key[column]); // a key column's spec
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

function faultOf(type: ColumnType, value: unknown): string | undefined {
  switch (type) {
    case 'integer':
      return Number.isSafeInteger(value) ? undefined : `a ${typeof value}, not an exact integer`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `a ${typeof value}, not a boolean`;
    case 'json':
      return jsonFault(value);
    case 'text':
    case 'timestamp':
    case 'date':
      if (typeof value !== 'string') return `a ${typeof value}, not a text`;
      if (type !== 'text' && Number.isNaN(Date.parse(value))) return `"${value.slice(0, 40)}", not a ${type}`;
      return jsonFault(value);
  }
}
