import { type JsonValue, type Projection, type Row, type RowChanges, rowKeyText } from '@kiroku/core';
import type { ReportedFinding } from './verify-report.ts';

/** Rows that an entry of the audit log names; of more, only the number is kept. */
const listed = 100;
/** Characters of a row's JSON; of a longer one, only the beginning is kept. */
const longest = 1_000;

/** A row before or after it was fixed; of one that differed, before, only the fields that did. `null`: there was none. */
export type AuditedRow = { readonly row: string; readonly is: JsonValue };

/** What was there, of rows that are to be fixed. */
export function rowsBefore(findings: readonly ReportedFinding[]): readonly AuditedRow[] {
  return findings.slice(0, listed).map(({ table, keyText, found }) => ({ row: `${table} ${keyText}`, is: bounded(found ?? null) }));
}

/** What became of them. */
export function rowsAfter({ tables }: Projection, changes: readonly RowChanges[]): readonly AuditedRow[] {
  const rows = changes.flatMap(({ table: name, upserts, deletes }) => {
    const of = (row: Row) => `${name} ${rowKeyText(tables[name] ?? { key: [] }, row)}`;
    return [
      ...upserts.slice(0, listed).map((row) => ({ row: of(row), is: bounded(row) })),
      ...deletes.slice(0, listed).map((key) => ({ row: of(key), is: null })),
    ];
  });
  return rows.slice(0, listed);
}

function bounded(row: Row | null): JsonValue {
  const text = JSON.stringify(row);
  return text.length > longest ? `${text.slice(0, longest)}…` : (row as JsonValue); // rows hold what is JSON
}
