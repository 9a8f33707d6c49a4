import { type ColumnType, jsonFault, KirokuError, type Row, type Table } from '@kiroku/core';

/** Throws `RowInvalid` if a table cannot hold a row. Values that were in the row before are not looked at again. */
export type CheckRow = (row: Row, before: Row | undefined) => void;

/** Makes the check of a table once, because it runs for every event. `title` names the table in messages. */
export function checkRowOf(title: string, table: Table): CheckRow {
  const columns = Object.entries(table.columns).map(([name, spec]) => {
    const type = spec.replace(/ key$|\?$/, '') as ColumnType; // what is left of a column spec
    return { name, type, optional: spec.endsWith('?') || type === 'json', faultOf: faults[type] };
  });
  const surplus = (row: Row) => Object.keys(row).find((name) => table.columns[name] === undefined);
  return (row, before) => {
    for (const { name, type, optional, faultOf } of columns) {
      const value = row[name];
      if (before !== undefined && value === before[name]) continue;
      if (value === undefined) throw invalid(title, `it lacks ${name}`);
      if (value === null) {
        if (!optional) throw invalid(title, `${name} is null`);
        continue;
      }
      const fault = faultOf(value);
      if (fault !== undefined) throw invalid(title, `${name} should be ${type} and is ${fault}`);
    }
    let others = -columns.length; // every declared column is there
    for (const _ in row) others++;
    if (others > 0) throw invalid(title, `it has ${surplus(row)}, which is not declared`);
  };
}

const dateShape = /^\d{4}-\d\d-\d\d$/;
const timestampShape = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)$/;

const faults: { readonly [type in ColumnType]: (value: unknown) => string | undefined } = {
  text: (value) => (typeof value === 'string' ? jsonFault(value)?.replace(/^it is /, '') : `a ${typeof value}`),
  integer: (value) => (Number.isSafeInteger(value) ? undefined : typeof value === 'number' ? String(value) : `a ${typeof value}`),
  boolean: (value) => (typeof value === 'boolean' ? undefined : `a ${typeof value}`),
  timestamp: (value) => (isTimestamp(value) ? undefined : quoted(value)),
  date: (value) => (isDate(value) ? undefined : quoted(value)),
  json: (value) => jsonFault(value),
};

/** Whether PostgreSQL takes a value for a day. */
export function isDate(value: unknown): boolean {
  return isTime(value, dateShape);
}

/** Whether PostgreSQL takes a value for an instant. */
export function isTimestamp(value: unknown): boolean {
  return isTime(value, timestampShape);
}

// right by its looks, which takes a third of the time of Date.parse
const usual = /^[12]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])(T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?Z)?$/;

// Date.parse takes a 30th of February for the 2nd of March, PostgreSQL refuses it
function isTime(value: unknown, shape: RegExp): boolean {
  if (typeof value !== 'string' || !shape.test(value)) return false;
  if (usual.test(value)) return true;
  if (Number.isNaN(Date.parse(value))) return false;
  const day = value.slice(0, 10);
  return day.slice(8) <= '28' || new Date(day).toISOString().slice(0, 10) === day;
}

function quoted(value: unknown): string {
  return typeof value === 'string' ? `"${value.slice(0, 40)}"` : `a ${typeof value}`;
}

function invalid(title: string, why: string): KirokuError {
  return new KirokuError('RowInvalid', `The fold of ${title} returned a row that the table cannot hold: ${why}.`);
}
