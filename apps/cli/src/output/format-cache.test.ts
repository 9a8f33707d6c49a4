import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { printCaches, printWarmed } from './format-cache.ts';

let printed = '';
beforeEach(() => {
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += stripVTControlCharacters(String(text));
    return true;
  });
});
afterEach(() => void vi.restoreAllMocks());

const address = { service: 'client-service', url: 'http://a:4000' };
const counts = {
  since: '2026-11-29T10:00:00.000Z',
  entries: 1_234,
  bytes: 1_500_000,
  maxBytes: 64_000_000,
  hits: 3,
  misses: 1,
  outdated: 1,
};
const names = { queries: ['product', 'products'], entities: ['products'] };

test('a cache has its share of hits, and says what it knows', () => {
  printCaches([{ ...address, cache: { ...counts, hitRate: 0.75, ...names } }]);
  expect(printed).toMatch(/client-service +1,234 +1\.5 MB of 64\.0 MB +3 +1 +1 +75\.0 % +2026-11-29 10:00:00\S* +http/);
  expect(printed).toContain('Queries: product, products\nCan be warmed up: products\n');
});

test('one that nobody asked has no share of hits, one without room says so, one that is gone why', () => {
  printCaches([
    { ...address, cache: { ...counts, hits: 0, misses: 0, maxBytes: 0, ...names } },
    { ...address, reason: 'connect ECONNREFUSED' },
  ]);
  expect(printed).toMatch(/keeps nothing +0 +0 +1 +- +2026/);
  expect(printed).toMatch(/client-service +unreachable: connect ECONNREFUSED +- /);
});

test.each([
  [{ asked: 5, kept: 5, all: true }, undefined],
  [{ asked: 5, kept: 5, all: false }, 'Not all: there is more'],
  [{ asked: 5, kept: 4, all: true }, 'Not all is kept'],
])('of a warm-up with %j it says what is missing', (warmed, note) => {
  printWarmed([{ ...address, entities: [{ entity: 'products', ...warmed }] }]);
  expect(printed).toMatch(new RegExp(`products +5 +${warmed.kept} +${warmed.all ? 'yes' : 'no'} +http`));
  if (note === undefined) expect(printed).not.toContain('Not all');
  else expect(printed).toContain(note);
});
