import type { ReadModelNews } from '@kiroku/core';
import { describe, expect, it } from 'vitest';
import { changeLines } from './change-lines.ts';

const model = { projection: 'order-summary', version: 1, build: 3 };
const told: readonly ReadModelNews[] = [
  { kind: 'reading', ...model, positions: [5, 6] },
  { kind: 'advance', ...model, partition: 1, position: 7, changed: { orders: ['a'] }, lists: { 'orders.customer_id': ['c'] } },
  { kind: 'advance', ...model, partition: 0, position: 8, changed: undefined },
  { kind: 'current' },
];

async function* all(): AsyncGenerator<ReadModelNews> {
  yield* told;
}

const never: AsyncIterable<ReadModelNews> = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) };

describe('the stream of changes', () => {
  it('opens, tells each piece of news on a line of its own, and ends with its source', async () => {
    const lines: string[] = [];
    for await (const line of changeLines(all(), {
      timeline: 2,
      knowsReading: true,
      heartbeatMs: 1_000,
      signal: new AbortController().signal,
    }))
      lines.push(line);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { kind: 'open', timeline: 2 },
      told[0],
      { ...told[1], timeline: 2 },
      { kind: 'advance', ...model, partition: 0, position: 8, timeline: 2 },
      { kind: 'current' },
    ]);
    expect(lines.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true);
  });

  it('tells a gateway of before, which does not know what is read, that any row may have changed', async () => {
    const lines: string[] = [];
    const signal = new AbortController().signal;
    for await (const line of changeLines(all(), { timeline: 2, knowsReading: false, heartbeatMs: 1_000, signal })) lines.push(line);
    expect(JSON.parse(lines[1] ?? '')).toEqual({ kind: 'advance', ...model, partition: 0, position: 5, timeline: 2 });
  });

  it('sends heartbeats while nothing happens', async () => {
    const controller = new AbortController();
    const lines = changeLines(never, { timeline: 1, knowsReading: true, heartbeatMs: 5, signal: controller.signal });
    const [, second, third] = [await lines.next(), await lines.next(), await lines.next()];
    expect([second?.value, third?.value]).toEqual(['{"kind":"heartbeat"}\n', '{"kind":"heartbeat"}\n']);
    controller.abort();
    await lines.return(undefined);
  });
});
