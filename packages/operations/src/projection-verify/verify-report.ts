import type { JsonObject, JsonValue, ParkedEvent } from '@kiroku/core';
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

/** A row whose events this code cannot fold, though it is not parked: other code has folded them, or an operator left them out. */
export type UnfoldableRow = {
  readonly table: string;
  readonly keyText: string;
  /** Of the event that the fold fails on. */
  readonly position: number;
  readonly eventType: string;
  /** `TypeError: …` */
  readonly fault: string;
};

export type VerifiedProjection = {
  readonly name: string;
  readonly version: number;
  readonly build: number;
  /** Where its partitions were. */
  readonly positions: readonly number[];
  /** Rows compared. */
  readonly rows: number;
  /** All that is wrong: missing, extra, differing and unfoldable rows. */
  readonly total: number;
  readonly missing: number;
  readonly extra: number;
  readonly differing: number;
  /** The first 1,000. */
  readonly findings: readonly ReportedFinding[];
  readonly unfoldable: number;
  /** The first 1,000. */
  readonly unfoldableRows: readonly UnfoldableRow[];
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
  readonly unfoldableRows: UnfoldableRow[] = [];
  unfoldable = 0;
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

  addUnfoldable({ table, keyText, position, eventType, fault }: ParkedEvent): void {
    this.unfoldable++;
    if (this.unfoldableRows.length >= listed) return;
    this.unfoldableRows.push({ table, keyText, position, eventType, fault: `${fault?.code}: ${fault?.message}` });
  }

  /** Rows that are not what the events make of them: what can be mended. */
  get wrong(): number {
    return this.counts.missing + this.counts.extra + this.counts.differing;
  }
}

export function firstParked<T>(parked: readonly T[]): readonly T[] {
  return parked.slice(0, listed);
}

function jsonOf(row: { readonly [column: string]: unknown }): JsonObject {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, (value ?? null) as JsonValue])); // rows hold what is JSON
}

/** One line: where, and why. */
export function describeUnfoldable({ table, keyText, position, eventType, fault }: UnfoldableRow): string {
  return `unfoldable ${table} ${keyText}: this code cannot fold event ${position} (${eventType}): ${fault}`;
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
