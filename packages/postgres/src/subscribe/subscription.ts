import { isKirokuError, type LogPage, type ReadLogOptions, type SubscribeOptions } from '@kiroku/core';
import { defaultPageSize, type LogReader } from '../read/log-reader.ts';
import { backoffMs } from './backoff.ts';
import type { LogListener } from './log-listener.ts';

/** Without a notification, a subscription looks by itself this often. */
const pollMs = 1_000;
/** After a page that reached the end it looks again at what is heard next; this soon also unheard, as a page of large events ends before it. */
const lookAgainMs = 50;

export interface SubscriptionSource {
  readonly reader: Pick<LogReader, 'readLog'>;
  readonly listener: Pick<LogListener, 'heard' | 'next'>;
}

/** A page that is being read, and what was heard before that. */
interface Reading {
  readonly heard: number;
  readonly page: Promise<LogPage | 'unavailable'>;
}

/** Two: while one is taken apart and worked on, the database makes the next. */
const mostAhead = 2;

/**
 * Pages of the log as it grows, until the signal fires. After a full page the next are read while that one is worked on. While the database is
 * away it tries again, and goes on where it was; other faults are thrown.
 */
export async function* subscription(source: SubscriptionSource, options: SubscribeOptions, signal: AbortSignal): AsyncGenerator<LogPage> {
  const { listener } = source;
  const { signal: _, after: start = 0, ...reading } = options;
  const { pageSize = defaultPageSize } = reading;
  let after = start;
  let failures = 0;
  let ahead: Reading[] = [];
  while (!signal.aborted) {
    const { heard, page: awaited } = ahead.shift() ?? read(source, { ...reading, after });
    const page = await unlessAborted(awaited, signal);
    if (page === 'aborted') return;
    failures = page === 'unavailable' ? failures + 1 : 0;
    const isFull = page !== 'unavailable' && page.position - after >= pageSize;
    if (!isFull) ahead = []; // what is read ahead begins elsewhere
    if (page === 'unavailable') {
      await listener.next(heard, backoffMs(failures), signal);
    } else if (page.position > after) {
      after = page.position;
      while (isFull && ahead.length < mostAhead) ahead.push(read(source, { ...reading, after: after + ahead.length * pageSize }, true));
      yield page;
      if (!isFull) await listener.next(heard, lookAgainMs, signal);
    } else {
      await listener.next(heard, pollMs, signal);
    }
  }
}

function read({ reader, listener }: SubscriptionSource, reading: ReadLogOptions, isLong = false): Reading {
  const heard = listener.heard();
  const page = tolerant(reader.readLog(reading, { isLong }));
  page.catch(() => undefined); // of a page that is read ahead it is thrown when its turn comes
  return { heard, page };
}

async function tolerant(page: Promise<LogPage>): Promise<LogPage | 'unavailable'> {
  try {
    return await page;
  } catch (error) {
    if (isKirokuError(error, 'DatabaseUnavailable')) return 'unavailable';
    throw error;
  }
}

/** The result, or at once that the signal fired. Not Promise.race, which would hold on to every page read in the life of a subscription. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | 'aborted'> {
  return new Promise((resolve, reject) => {
    const abort = () => resolve('aborted');
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
