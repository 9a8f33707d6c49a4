import { stripVTControlCharacters } from 'node:util';
import type { ConsumerStatus } from '@kiroku/operations';
import { expect, test } from 'vitest';
import { formatConsumer, formatConsumerRow } from './format-consumer.ts';

const consumer: ConsumerStatus = {
  id: '0193a1b2-0000-7000-8000-000000000001',
  name: 'crm',
  url: 'https://crm.example/hooks',
  filter: { types: ['OrderPlaced', 'OrderConfirmed'], categories: ['order'], tags: ['vip'] },
  reveal: true,
  terms: { timeoutMs: 10_000, concurrency: 8, maxAttempts: 50, maxAgeSeconds: 259_200 },
  log: { id: '0193a1b2-0000-7000-8000-00000000000a', timeline: 1 },
  position: 1_200,
  movedAt: '2026-11-24T10:00:00.000000Z',
  waiting: 3,
  dead: 1,
  failing: { error: 'It answered 500.', since: '2026-11-24T09:00:00.000000Z' },
  owner: 'command-service a:1',
  createdBy: 'ada',
  createdAt: '2026-11-20T08:00:00.000000Z',
  state: 'failing',
  lag: { events: 34, seconds: 7 },
};
const letter = {
  consumer: 'crm',
  position: 7,
  eventId: 'e',
  eventType: 'OrderPlaced',
  stream: 'order-1',
  error: 'It answered 400.',
  attempts: 50,
  failedAt: '2026-11-23T10:00:00.000000Z',
  diedAt: '2026-11-24T10:00:00.000000Z',
  behind: 2,
};

test('a row says how a consumer is', () => {
  expect(formatConsumerRow(consumer).map(stripVTControlCharacters)).toEqual([
    'crm',
    'failing',
    '1,200',
    '34 events, 7 s',
    '3',
    '1',
    'OrderPlaced, OrderConfirmed of order with vip',
    'https://crm.example/hooks',
    'failing since 2026-11-24 09:00:00: It answered 500.',
  ]);
  const { failing: _, ...well } = consumer;
  const quiet = { ...well, state: 'paused', paused: { reason: 'It answered 410 Gone', since: '2026-11-24T10:00:00.000000Z' } } as const;
  const row = formatConsumerRow({ ...quiet, filter: {}, lag: { events: 0, seconds: 0 }, waiting: 0, dead: 0 }).map(
    stripVTControlCharacters,
  );
  expect(row.slice(1, 7)).toEqual(['paused', '1,200', '-', '-', '-', 'everything']);
  expect(row.slice(8)).toEqual(['paused since 2026-11-24 10:00:00: It answered 410 Gone']);
});

test('what keeps its owner from delivering is named by its code', () => {
  const failing = { code: 'DatabaseUnavailable', error: 'The log cannot be read.', since: '2026-11-24T09:00:00.000000Z' };
  const given = { ...consumer, failing };
  expect(stripVTControlCharacters(formatConsumerRow(given).at(-1) ?? '')).toBe('failing since 2026-11-24 09:00:00: DatabaseUnavailable');
  const shown = stripVTControlCharacters(formatConsumer({ consumer: given, log: given.log, head: 1_234, deadLetters: [] }));
  expect(shown).toContain('fails     since 2026-11-24 09:00:00: DatabaseUnavailable: The log cannot be read.');
});

test('shown whole, it says what fails and why', () => {
  const shown = stripVTControlCharacters(formatConsumer({ consumer, log: consumer.log, head: 1_234, deadLetters: [letter] }));
  expect(shown).toContain('gets      OrderPlaced, OrderConfirmed of order with vip, personal fields readable');
  expect(shown).toContain('position  1,200 of 1,234, behind: 34 events, 7 s');
  expect(shown).toContain('fails     since 2026-11-24 09:00:00: It answered 500.');
  expect(shown).toContain('terms     10 s for an answer, 8 streams at once, dead after 50 attempts or 3 d');
  expect(shown.split('\n').slice(-2)).toEqual([
    '  position  event        stream   failed               tries  behind  why',
    '  7         OrderPlaced  order-1  2026-11-23 10:00:00  50     2       It answered 400.',
  ]);
});

test('letters that are not shown are counted, with how to see them', () => {
  const shown = (dead: number) =>
    stripVTControlCharacters(formatConsumer({ consumer: { ...consumer, dead }, log: consumer.log, head: 1_234, deadLetters: [letter] }));
  expect(shown(1_234)).toMatch(/\n {2}and 1,233 more: kiroku consumer dead list crm --after 2026-11-24T10:00:00\.000000Z,7,crm$/);
  expect(shown(1)).not.toContain('more');
});
