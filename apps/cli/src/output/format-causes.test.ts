import { stripVTControlCharacters } from 'node:util';
import type { CauseNode } from '@kiroku/operations';
import { expect, test } from 'vitest';
import { formatCauses } from './format-causes.ts';

const event = (type: string, position: number, led: readonly CauseNode[] = []): CauseNode => ({
  kind: 'event',
  event: {
    position,
    stream: 'order-1',
    version: position,
    id: String(position),
    type,
    schemaVersion: 1,
    data: {},
    metadata: {},
    tags: [],
    recordedAt: '2026-11-24T10:00:00.123456Z',
  },
  led,
});

test('commands and events stand under what led to them', () => {
  const reserve: CauseNode = { kind: 'command', id: 'c2', type: 'ReserveStock', actor: 'fulfilment', led: [event('StockReserved', 3)] };
  const place: CauseNode = { kind: 'command', id: 'c1', type: 'PlaceOrder', led: [event('OrderPlaced', 1, [reserve]), event('Noted', 2)] };
  const lines = stripVTControlCharacters(formatCauses([place])).split('\n');
  expect(lines).toEqual([
    'PlaceOrder  command c1',
    '├─ OrderPlaced  order-1@1  position 1  2026-11-24 10:00:00.123',
    '│  └─ ReserveStock  command c2  by fulfilment',
    '│     └─ StockReserved  order-1@3  position 3  2026-11-24 10:00:00.123',
    '└─ Noted  order-1@2  position 2  2026-11-24 10:00:00.123',
  ]);
});
