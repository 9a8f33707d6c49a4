import type { ReadModelAdvance } from '@kiroku/core';

/** One line of the stream. `changed` is absent when there were too many rows to tell: then any may have changed. */
type ChangeLine =
  | { readonly kind: 'open' }
  | { readonly kind: 'heartbeat' }
  | {
      readonly kind: 'advance';
      readonly projection: string;
      readonly position: number;
      readonly timeline: number;
      readonly changed?: { readonly [table: string]: readonly string[] };
    };

/** Advances as lines of JSON, starting with `open`, with a heartbeat after each silence. `changes` ends when the signal fires. */
export async function* changeLines(
  changes: AsyncIterable<ReadModelAdvance>,
  options: { readonly timeline: number; readonly heartbeatMs: number; readonly signal: AbortSignal },
): AsyncGenerator<string> {
  const { timeline, heartbeatMs, signal } = options;
  yield line({ kind: 'open' });
  const iterator = changes[Symbol.asyncIterator]();
  let next = iterator.next();
  while (!signal.aborted) {
    const arrived = await firstOf(next, heartbeatMs);
    if (arrived === 'silence') {
      yield line({ kind: 'heartbeat' });
      continue;
    }
    if (arrived.done === true) return;
    yield line(toLine(arrived.value, timeline));
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

function toLine({ projection, position, changed }: ReadModelAdvance, timeline: number): ChangeLine {
  return { kind: 'advance', projection, position, timeline, ...(changed !== undefined && { changed }) };
}

function line(content: ChangeLine): string {
  return `${JSON.stringify(content)}\n`;
}
