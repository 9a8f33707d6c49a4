import { describe, expect, it } from 'vitest';
import { ofItsHistory, type ReadModelLag, readableCheck, readModelCheck } from './read-model-health.ts';

const level: ReadModelLag = { position: 9, events: 0, seconds: 0, partitions: [{ partition: 0, owner: 'one' }] };
const check = async (lag: Partial<ReadModelLag>) =>
  readModelCheck(async () => ({ ...level, ...lag }), { maxSeconds: 5 })(new AbortController().signal);

describe('the health of a read model', () => {
  it('is good at the end of the log, and a little behind it', async () => {
    await check({});
    await check({ events: 1_000, seconds: 5 });
  });

  it('is bad when nobody runs it, whatever was told last', async () => {
    await expect(check({ partitions: [{ partition: 0 }] })).rejects.toThrow(
      'no process runs it; it is at position 9, at the end of the log',
    );
    const partitions = [{ partition: 0, owner: 'one' }, { partition: 1 }];
    await expect(check({ partitions })).rejects.toThrow('no process runs 1 of its 2 partitions');
  });

  it('is bad when it is far behind, in events and seconds', async () => {
    await expect(check({ events: 7, seconds: 6.2 })).rejects.toThrow('behind; it is at position 9, 7 events and 6 s behind the log');
    await expect(check({ events: 1, seconds: 6 })).rejects.toThrow(/, 1 events? and 6 s behind the log/);
  });

  it('tells why it is stalled, and since when', async () => {
    const partitions = [{ partition: 0, owner: 'one', stalled: { reason: 'an event is too new', since: '2026-11-24T10:00:00Z' } }];
    await expect(check({ events: 1, seconds: 1, partitions })).rejects.toThrow('stalled since 2026-11-24T10:00:00Z: an event is too new;');
  });

  it('cannot be read before it is built', async () => {
    const signal = new AbortController().signal;
    await expect(readableCheck(async () => ({ partitions: [] }))(signal)).rejects.toThrow('it is being built');
    await readableCheck(async () => level)(signal);
  });
});

it('a projection of another history of the log says so, and not that nobody runs it', async () => {
  const mismatched = new Map([['sales', new Error('of another history')]]);
  const check = (name: string) =>
    ofItsHistory(
      { name },
      () => ({ mismatched }),
      () => Promise.reject(new Error('no process runs it')),
    );
  const signal = new AbortController().signal;
  await expect(check('sales')(signal)).rejects.toThrow('of another history');
  await expect(check('stock')(signal)).rejects.toThrow('no process runs it');
});
