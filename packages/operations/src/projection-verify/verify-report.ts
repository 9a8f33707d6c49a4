import type { JsonObject, JsonValue } from '@kiroku/core';
import type { RowFinding } from '@kiroku/engine';

/** Findings and parked keys that are listed one by one; of more, only the number is kept. */
const listed = 1_000;

/** A finding as JSON. */
export type ReportedFinding = {
  readonly kind: RowFinding['kind'];
  readonly table: string;
  readonly keyText: string;
  readonly expected?: JsonObject;
  readonly found?: JsonObject;
};

export type VerifiedProjection = {
  readonly name: string;
  readonly version: number;
  readonly build: number;
  /** Where its partitions were. */
  readonly positions: readonly number[];
  /** Rows compared. */
  readonly rows: number;
  readonly total: number;
  readonly missing: number;
  readonly extra: number;
  readonly differing: number;
  /** The first 1,000. */
  readonly findings: readonly ReportedFinding[];
  readonly parked: number;
  /** The first 1,000. */
  readonly parkedKeys: readonly { readonly table: string; readonly keyText: string }[];
  /** Rows that `--fix` changed; `total` is what was found after it. */
  readonly fixed?: number;
};

export type ProjectionVerifyReport = {
  readonly projections: readonly VerifiedProjection[];
  /** Findings in all. */
  readonly total: number;
  /** Events of the log read. */
  readonly events: number;
  readonly seconds: number;
};

/** Adds findings up. */
export class FindingTally {
  readonly findings: ReportedFinding[] = [];
  readonly counts = { missing: 0, extra: 0, differing: 0 };

  add({ kind, table, keyText, expected, found }: RowFinding): void {
    this.counts[kind]++;
    if (this.findings.length >= listed) return;
    this.findings.push({
      kind,
      table,
      keyText,
      ...(expected && { expected: jsonOf(expected) }),
      ...(found && { found: jsonOf(found) }),
    });
  }

  get total(): number {
    return this.counts.missing + this.counts.extra + this.counts.differing;
  }
}

export function firstParked<T>(parked: readonly T[]): readonly T[] {
  return parked.slice(0, listed);
}

function jsonOf(row: { readonly [column: string]: unknown }): JsonObject {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, (value ?? null) as JsonValue])); // rows hold what is JSON
}

/** One line: what, where, and in what it differs. */
export function describeRowFinding({ kind, table, keyText, expected, found }: ReportedFinding): string {
  const where = `${table} ${keyText}`;
  if (kind === 'missing') return `missing    ${where}: the events make it ${JSON.stringify(expected)}`;
  if (kind === 'extra') return `extra      ${where}: the events make no such row; it is ${JSON.stringify(found)}`;
  const fields = Object.keys(expected ?? {}).map(
    (field) => `${field} is ${JSON.stringify(found?.[field])}, should be ${JSON.stringify(expected?.[field])}`,
  );
  return `differing  ${where}: ${fields.join('; ')}`;
}
