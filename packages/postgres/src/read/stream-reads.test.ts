import type { RecordedEvent } from '@kiroku/core';
import { expect, test } from 'vitest';
import { StreamReads, type WantedStream } from './stream-reads.ts';

/** A database that answers when it is told to. */
function subject() {
  const statements: { readonly streams: readonly string[]; readonly answer: (fault?: Error) => void }[] = [];
  const reads = new StreamReads(
    (wanted: readonly WantedStream[]) =>
      new Promise((resolve, reject) => {
        const events = wanted.map(({ stream, fromVersion }) => [{ stream, version: fromVersion } as RecordedEvent]); // as far as is looked at
        const answer = (fault?: Error): void => (fault === undefined ? resolve(events) : reject(fault));
        statements.push({ streams: wanted.map(({ stream }) => stream), answer });
      }),
  );
  const turn = () => new Promise(setImmediate);
  return { reads, statements, turn };
}

test('what is wanted in the same turn is read by one statement, each its own', async () => {
  const { reads, statements, turn } = subject();
  const wanted = [reads.read('a-1', 1), reads.read('b-1', 7)];
  await turn();
  expect(statements.map(({ streams }) => streams)).toEqual([['a-1', 'b-1']]);
  statements[0]?.answer();
  expect(await Promise.all(wanted)).toEqual([[{ stream: 'a-1', version: 1 }], [{ stream: 'b-1', version: 7 }]]);
});

test('what comes while two statements are on their way goes together when one is answered', async () => {
  const { reads, statements, turn } = subject();
  for (const stream of ['a-1', 'a-2', 'a-3', 'a-4'] as const) {
    reads.read(stream, 1).catch(() => undefined);
    await turn();
  }
  expect(statements.map(({ streams }) => streams)).toEqual([['a-1'], ['a-2']]);
  statements[0]?.answer();
  await turn();
  expect(statements[2]?.streams).toEqual(['a-3', 'a-4']);
});

test('a fault is told to all who share the statement, and the next is read', async () => {
  const { reads, statements, turn } = subject();
  const wanted = [reads.read('a-1', 1), reads.read('a-2', 1)];
  await turn();
  statements[0]?.answer(new Error('away'));
  for (const each of wanted) await expect(each).rejects.toThrow('away');
  const next = reads.read('a-3', 1);
  await turn();
  statements[1]?.answer();
  expect(await next).toHaveLength(1);
});
