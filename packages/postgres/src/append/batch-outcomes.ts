import { type AppendResult, type CheckedAppend, KirokuError } from '@kiroku/core';

/** What append/append_batch.sql returns; see migrations/event_store/0002_append_batch.sql. */
export interface BatchRow {
  readonly outcomes: readonly number[];
  readonly positions: readonly number[];
  readonly versions: readonly number[];
  readonly reasons: readonly number[];
}

/** What became of one append. If an id was seen before, the log has to be asked for what it led to. */
export type Outcome =
  | { readonly kind: 'appended'; readonly result: AppendResult }
  | { readonly kind: 'refused'; readonly error: KirokuError }
  | { readonly kind: 'commandSeen' }
  | { readonly kind: 'eventsSeen' };

/** The outcomes of a batch, in its order. */
export function batchOutcomes(appends: readonly CheckedAppend[], row: BatchRow): readonly Outcome[] {
  let slot = 0;
  return appends.map((append, index) => {
    const firstSlot = slot;
    slot += append.streams.length;
    const versions = row.versions.slice(firstSlot, slot);
    switch (row.outcomes[index] ?? -1) {
      case 0:
        return { kind: 'appended', result: toResult(append, row.positions[index] ?? 0, versions) };
      case 1:
        return { kind: 'refused', error: versionConflict(append, (row.reasons[index] ?? 0) - 1 - firstSlot, versions) };
      case 2:
        return { kind: 'refused', error: conditionConflict() };
      case 3:
        return { kind: 'commandSeen' };
      case 4:
        return { kind: 'eventsSeen' };
      case 5:
        return { kind: 'refused', error: partitionMissing(row.positions[index] ?? 0) };
      default:
        throw new KirokuError('Internal', `append_batch returned the outcome ${row.outcomes[index]}, which this code does not know.`);
    }
  });
}

function toResult({ streams }: CheckedAppend, position: number, versions: readonly number[]): AppendResult {
  return { position, streams: streams.map(({ stream }, index) => ({ stream, version: versions[index] ?? 0 })), duplicate: false };
}

function versionConflict({ streams }: CheckedAppend, offset: number, versions: readonly number[]): KirokuError {
  const { stream, expectedVersion: expected } = streams[offset] ?? { stream: '?', expectedVersion: 'any' };
  const version = versions[offset] ?? 0;
  return new KirokuError('Conflict', `${stream} is at version ${version}, expected was ${expected}. Read it again and decide anew.`, {
    details: { stream, version, expected },
  });
}

/** What is told of an append whose conditions do not hold, or which follows one that was refused. */
export function conditionConflict(): KirokuError {
  return new KirokuError('Conflict', 'What the append depends on has changed since it was read. Read it again and decide anew.');
}

function partitionMissing(head: number): KirokuError {
  return new KirokuError(
    'PartitionMissing',
    `The log is at position ${head} and has no partition for what comes next, so nothing was appended. Run \`kiroku db maintain\`, then repeat the call.`,
    { details: { head } },
  );
}
