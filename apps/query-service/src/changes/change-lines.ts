import type { ReadModelAdvance, ReadModelNews } from '@kiroku/core';

/** One line of the stream. */
type ChangeLine =
  /** The timeline of the log that all positions are of. */
  | { readonly kind: 'open'; readonly timeline: number }
  | { readonly kind: 'heartbeat' }
  | Exclude<ReadModelNews, { readonly kind: 'advance' }>
  /** `changed` is absent when there were too many rows to tell: then any may have changed. `lists` says by which values they are listed, if that is known. */
  | (Pick<ReadModelAdvance, 'projection' | 'version' | 'build' | 'partition' | 'position' | 'changed' | 'lists'> & {
      readonly kind: 'advance';
      readonly timeline: number;
    });

export interface ChangeLinesOptions {
  readonly timeline: number;
  /** Who listens knows `reading`. Others are told of an advance in which any row may have changed: they would miss that another build is read. */
  readonly knowsReading: boolean;
  readonly heartbeatMs: number;
  readonly signal: AbortSignal;
}

/** News as lines of JSON, starting with `open`, with a heartbeat after each silence. `changes` ends when the signal fires. */
export async function* changeLines(changes: AsyncIterable<ReadModelNews>, options: ChangeLinesOptions): AsyncGenerator<string> {
  const { timeline, knowsReading, heartbeatMs, signal } = options;
  yield line({ kind: 'open', timeline });
  const iterator = changes[Symbol.asyncIterator]();
  let next = iterator.next();
  while (!signal.aborted) {
    const arrived = await firstOf(next, heartbeatMs);
    if (arrived === 'silence') {
      yield line({ kind: 'heartbeat' });
      continue;
    }
    if (arrived.done === true) return;
    yield line(toLine(arrived.value, { timeline, knowsReading }));
    next = iterator.next();
  }
}

// A timer of its own: with a signal for each wait a line took 23 µs instead of 2, which many streams feel.
async function firstOf<T>(next: Promise<T>, milliseconds: number): Promise<T | 'silence'> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<'silence'>((resolve) => {
    timer = setTimeout(resolve, milliseconds, 'silence');
  });
  try {
    return await Promise.race([next, silence]);
  } finally {
    clearTimeout(timer);
  }
}

function toLine(news: ReadModelNews, { timeline, knowsReading }: Pick<ChangeLinesOptions, 'timeline' | 'knowsReading'>): ChangeLine {
  if (news.kind === 'reading' && !knowsReading) {
    const { positions, ...model } = news;
    return { ...model, kind: 'advance', partition: 0, position: Math.min(...positions), timeline, changed: undefined, lists: undefined };
  }
  if (news.kind !== 'advance') return news;
  const { kind, projection, version, build, partition, position, changed, lists } = news;
  return { kind, projection, version, build, partition, position, timeline, changed, lists }; // absent in JSON if they are undefined
}

function line(content: ChangeLine): string {
  return `${JSON.stringify(content)}\n`;
}
