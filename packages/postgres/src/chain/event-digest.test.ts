import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { commitHash, hashOfEmptyLog } from './commit-hash.ts';
import { eventDigest } from './event-digest.ts';

const placed = {
  id: '0192a3b4-c5d6-7e8f-9a0b-1c2d3e4f5061',
  stream: 'order-1',
  type: 'OrderPlaced',
  schemaVersion: 2,
  tags: ['order:1', 'kunde:Jürgen'],
  data: '{"total":7980,"note":"çay 🫖"}',
  metadata: '{"actor":"customer"}',
};
const reserved = {
  id: '0192a3b4-c5d6-7e8f-9a0b-1c2d3e4f5062',
  stream: 'stock-7',
  type: 'Reserved',
  schemaVersion: 1,
  tags: [],
  data: '{}',
  metadata: '{}',
};
const events = [
  { position: 1, version: 1, digest: eventDigest(placed) },
  { position: 2, version: 4, digest: eventDigest(reserved) },
];
const recordedAt = '2026-11-24T10:00:00.123456Z';
const before = hashOfEmptyLog('6f1c9c9e-8d0a-4f0e-9d3a-2b1f0e5d4c3b');

describe('the hash chain', () => {
  test('is as its reference page says', () => {
    const page = readFileSync(new URL('../../../../docs/reference/hash-chain.md', import.meta.url), 'utf8');
    const hashes = [...events.map(({ digest }) => digest), before, commitHash(before, { recordedAt, events })];
    for (const hash of hashes) expect(page).toContain(`\`${hash.toString('hex')}\``);
  });

  test.each<[string, Partial<typeof placed>]>([
    ['id', { id: reserved.id }],
    ['stream', { stream: 'order-2' }],
    ['type', { type: 'OrderPlaced2' }],
    ['schema version', { schemaVersion: 3 }],
    ['tags', { tags: ['kunde:Jürgen', 'order:1'] }],
    ['data', { data: '{ "total":7980,"note":"çay 🫖"}' }],
    ['metadata', { metadata: '{}' }],
    ['border between two parts', { stream: 'order-1O', type: 'rderPlaced' }],
  ])('covers the %s of an event', (_, change) => {
    expect(eventDigest({ ...placed, ...change })).not.toEqual(eventDigest(placed));
  });

  test('takes events of any size', () => {
    const large = { ...placed, data: JSON.stringify({ text: '🫖'.repeat(200_000) }) };
    expect(eventDigest(large)).toEqual(eventDigest({ ...large }));
    expect(eventDigest(placed)).toEqual(events[0]?.digest);
  });

  test.each([
    ['the commit before it', commitHash(Buffer.alloc(32), { recordedAt, events })],
    ['the microsecond', commitHash(before, { recordedAt: recordedAt.replace('456Z', '457Z'), events })],
    ['the order of its events', commitHash(before, { recordedAt, events: events.toReversed() })],
    ['each event', commitHash(before, { recordedAt, events: events.slice(1) })],
  ])('covers %s in the hash of a commit', (_, other) => {
    expect(other).not.toEqual(commitHash(before, { recordedAt, events }));
  });
});
