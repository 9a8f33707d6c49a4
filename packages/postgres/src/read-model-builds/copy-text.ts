import type { ColumnType, Row, Table } from '@kiroku/core';

type Encode = (value: unknown) => string;

/** Rows as lines of PostgreSQL's COPY text format (https://www.postgresql.org/docs/17/sql-copy.html), in the order of the columns. */
export function rowEncoder(table: Table, columns: readonly string[]): (rows: readonly Row[]) => string {
  const encoders = columns.map((name) => {
    const type = (table.columns[name] ?? 'text').replace(/ key$|\?$/, '') as ColumnType; // what is left of a column spec
    return { name, encode: type === 'json' ? json : type === 'text' ? escaped : plain };
  });
  return (rows) => {
    let text = '';
    for (const row of rows) {
      let line = '';
      for (const { name, encode } of encoders) {
        const value = row[name];
        line += `${value === null || value === undefined ? nothing : encode(value)}\t`;
      }
      text += `${line.slice(0, -1)}\n`;
    }
    return text;
  };
}

/** A line of one text column. */
export function textLine(text: string): string {
  return `${escaped(text)}\n`;
}

const nothing = '\\N';
const special = /[\\\n\r\t]/g;
const escapes: { readonly [character: string]: string } = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const plain: Encode = (value) => String(value);
const json: Encode = (value) => escaped(JSON.stringify(value));
const escaped: Encode = (value) => {
  const text = String(value);
  return text.search(special) < 0 ? text : text.replace(special, (character) => escapes[character] ?? character);
};
