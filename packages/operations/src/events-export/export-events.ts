import { createHash } from 'node:crypto';
import { type EventStore, type LogFilter, toCloudEvent } from '@kiroku/core';

export interface ExportOptions {
  /** First position. Default 1. */
  readonly fromPosition?: number;
  /** Last position. Default: the head, as of the start. */
  readonly toPosition?: number;
  readonly filter?: LogFilter;
  /** Takes the next lines; the export waits for it, so that memory stays small however large the log is. */
  readonly write: (lines: string) => Promise<unknown>;
  readonly onProgress?: (progress: ExportProgress) => void;
  readonly signal?: AbortSignal;
}

export interface ExportProgress {
  /** Positions looked at, of how many. */
  readonly done: number;
  readonly total: number;
}

/** What was written. */
export interface ExportSummary {
  readonly log: string;
  readonly timeline: number;
  readonly fromPosition: number;
  /** The last position looked at: where the next export goes on after. */
  readonly toPosition: number;
  readonly events: number;
  readonly bytes: number;
  /** Of the bytes, 64 hexadecimal digits. */
  readonly sha256: string;
}

const pageSize = 2_000;

/** Writes events as CloudEvents, one per line, in the order of the log. */
export async function exportEvents(store: EventStore, options: ExportOptions): Promise<ExportSummary> {
  const { fromPosition = 1, toPosition, filter = {}, write, onProgress, signal } = options;
  const { position: head, log } = await store.head();
  const until = Math.min(toPosition ?? head, head);
  const hash = createHash('sha256');
  let [events, bytes] = [0, 0];
  for (let after = fromPosition - 1; after < until; ) {
    signal?.throwIfAborted();
    const page = await store.readLog({ after, until, filter, pageSize });
    const lines = page.events.map((event) => `${JSON.stringify(toCloudEvent(event, log))}\n`).join('');
    hash.update(lines);
    events += page.events.length;
    bytes += Buffer.byteLength(lines);
    if (lines !== '') await write(lines);
    after = page.position;
    onProgress?.({ done: after - fromPosition + 1, total: until - fromPosition + 1 });
  }
  return { log: log.id, timeline: log.timeline, fromPosition, toPosition: until, events, bytes, sha256: hash.digest('hex') };
}
