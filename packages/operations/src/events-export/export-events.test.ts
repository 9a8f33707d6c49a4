import { createHash } from 'node:crypto';
import { InMemoryEventStore } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { type ExportOptions, exportEvents } from './export-events.ts';

async function exported(options: Omit<ExportOptions, 'write'> = {}) {
  const store = new InMemoryEventStore();
  for (const [stream, type] of [
    ['order-1', 'Placed'],
    ['stock-1', 'Counted'],
    ['order-1', 'Paid'],
    ['order-2', 'Placed'],
  ] as const) {
    await store.append({ streams: [{ stream, expectedVersion: 'any', events: [{ type, data: { text: 'Łódź' } }] }] });
  }
  let text = '';
  const write = async (lines: string) => {
    text += lines;
  };
  const summary = await exportEvents(store, { ...options, write });
  const positions = text.split('\n').flatMap((line) => (line === '' ? [] : JSON.parse(line).position));
  return { text, summary, positions };
}

test('the whole log is exported, one event a line, and the summary lets its reader check it', async () => {
  const { text, summary, positions } = await exported();
  expect(positions).toEqual(['1', '2', '3', '4']);
  const sha256 = createHash('sha256').update(text).digest('hex');
  expect(summary).toMatchObject({ events: 4, fromPosition: 1, toPosition: 4, bytes: Buffer.byteLength(text), sha256 });
});

test('a part of it is exported: by positions, categories and types', async () => {
  expect((await exported({ fromPosition: 2, toPosition: 3 })).positions).toEqual(['2', '3']);
  expect((await exported({ filter: { categories: ['order'] } })).positions).toEqual(['1', '3', '4']);
  expect((await exported({ filter: { types: ['Placed'] } })).positions).toEqual(['1', '4']);
  expect((await exported({ fromPosition: 5 })).summary).toMatchObject({ events: 0, bytes: 0 });
});

test('progress is told in positions, and an export that is interrupted ends', async () => {
  const told: unknown[] = [];
  await exported({ fromPosition: 3, onProgress: (progress) => told.push(progress) });
  expect(told).toEqual([{ done: 2, total: 2 }]);
  await expect(exported({ signal: AbortSignal.abort() })).rejects.toThrow();
});
