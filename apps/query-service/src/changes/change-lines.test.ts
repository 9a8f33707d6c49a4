import type { ReadModelAdvance } from '@kiroku/core';
import { describe, expect, it } from 'vitest';
import { changeLines } from './change-lines.ts';

const advance: ReadModelAdvance = {
  projection: 'order-summary',
  version: 1,
  build: 1,
  partition: 0,
  position: 7,
  changed: { orders: ['a'] },
};

async function* once(): AsyncGenerator<ReadModelAdvance> {
  yield advance;
}

const never: AsyncIterable<ReadModelAdvance> = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) };

describe('the stream of changes', () => {
  it('opens, tells each advance on a line of its own, and ends with its source', async () => {
    const lines: string[] = [];
    for await (const line of changeLines(once(), { timeline: 2, heartbeatMs: 1_000, signal: new AbortController().signal }))
      lines.push(line);
    expect(lines.join('')).toBe(
      '{"kind":"open"}\n{"kind":"advance","projection":"order-summary","position":7,"timeline":2,"changed":{"orders":["a"]}}\n',
    );
  });

  it('sends heartbeats while nothing happens', async () => {
    const controller = new AbortController();
    const lines = changeLines(never, { timeline: 1, heartbeatMs: 5, signal: controller.signal });
    const [, second, third] = [await lines.next(), await lines.next(), await lines.next()];
    expect([second?.value, third?.value]).toEqual(['{"kind":"heartbeat"}\n', '{"kind":"heartbeat"}\n']);
    controller.abort();
    await lines.return(undefined);
  });
});
