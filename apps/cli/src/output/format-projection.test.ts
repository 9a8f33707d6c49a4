import { stripVTControlCharacters } from 'node:util';
import type { ProjectionStatus } from '@kiroku/operations';
import { describe, expect, it, test } from 'vitest';
import {
  formatBriefState,
  formatLag,
  formatProjection,
  formatProjectionRow,
  formatSettled,
  formatStateReasons,
  formatUnseen,
  projectionColumns,
} from './format-projection.ts';

const plain = stripVTControlCharacters;
const status = {
  projection: 'order-summary',
  version: 2,
  declared: true,
  state: 'live',
  activeBuild: 3,
  position: 1_200,
  lag: { events: 12, seconds: 3.4 },
  parkedKeys: 1,
  owners: ['query-service a:1', 'query-service b:2'],
  size: { rows: 1_234_567, estimated: true, bytes: 12_500_000 },
} satisfies ProjectionStatus;

describe('a row of the list', () => {
  it('has everything', () => {
    expect(formatProjectionRow(status).map(plain)).toEqual([
      'order-summary',
      '2',
      '3',
      'live',
      '12 events, 3 s',
      '1',
      '~1,234,567',
      '12.5 MB',
      'query-service a:1, query-service b:2',
    ]);
  });

  it('says what is not known without the log, and why once', () => {
    const { lag: _, ...unknown } = { ...status, state: 'unknown', unseen: 'event_store is away' } as const;
    expect(formatProjectionRow(unknown).map(plain).slice(3, 5)).toEqual(['unknown', '?']);
    expect(formatUnseen([unknown, unknown]).map(plain)).toEqual(['! How far they are behind the log is not known. event_store is away']);
    expect(formatUnseen([status])).toEqual([]);
  });

  it('claims no figures for what is not built', () => {
    const { activeBuild: _, ...unbuilt } = status;
    expect(formatProjectionRow({ ...unbuilt, state: 'not built', owners: [], parkedKeys: 0 }).map(plain)).toEqual([
      'order-summary',
      '2',
      '-',
      'not built',
      '-',
      '-',
      '-',
      '-',
      '-',
    ]);
  });
});

test('why it is as it is stands below a row, not in it', () => {
  const row = formatProjectionRow({ ...status, state: 'stalled', reason: 'a column is missing' }).map(plain);
  expect(row[3]).toBe('stalled');
  expect(row.slice(projectionColumns.length)).toEqual(['a column is missing']);
});

describe('the state', () => {
  const told = (given: Partial<ProjectionStatus>) => {
    const of = { ...status, ...given };
    return [formatBriefState(of), ...formatStateReasons(of)].map(plain);
  };

  it('has its reason, and since when it is paused', () => {
    expect(told({ state: 'stalled', reason: 'EventsTooNew' })).toEqual(['stalled', 'EventsTooNew']);
    expect(told({ state: 'paused', pausedAt: '2026-11-24T10:00:00.123Z' })).toEqual(['paused', 'since 2026-11-24 10:00:00']);
  });

  it('tells of builds that are kept: one that is stalled, several that are needed no more', () => {
    expect(told({ spareBuilds: [1] })).toEqual(['live']);
    expect(told({ spareBuilds: [1, 2], declared: false })).toEqual([
      'live; 2 spare builds',
      '2 spare builds: `kiroku projection retire order-summary --version 2 --yes` drops them',
    ]);
    expect(told({ stalledBuilds: [{ build: 2, reason: 'a column is missing' }] })).toEqual([
      'live; build 2 stalled',
      'build 2 is stalled: a column is missing',
    ]);
  });

  it('tells of a build under way: how far, and if its job does not run', () => {
    const job = { id: 'j', state: 'running', progress: { done: 12, total: 50, unit: 'events' }, rate: 4, etaSeconds: 9.5 } as const;
    expect(told({ underWay: { build: 4, job } })).toEqual(['live, building 4', 'build 4: 12 of 50 events (24 %)  4.0/s, 9 s left']);
    expect(told({ underWay: { build: 4, job: { id: 'j', state: 'paused' } } })).toEqual(['live, building 4', 'build 4: paused']);
    expect(told({ state: 'building', underWay: { build: 4 } })).toEqual(['building 4']);
  });
});

test.each([
  [{ events: 0, seconds: 0 }, '-'],
  [{ events: 1, seconds: 0.2 }, '1 event, < 1 s'],
  [{ events: 4_000, seconds: 3_700 }, '4,000 events, 1 h 1 min'],
])('a lag of %j is %s', (lag, expected) => {
  expect(formatLag(lag)).toBe(expected);
});

test('what became of a parked key says why it stays', () => {
  const fault = { code: 'TypeError', message: 'no price', position: 12 };
  expect(plain(formatSettled({ build: 1, key: 'product/7', outcome: 'parked', events: 2, fault }))).toBe(
    '✗ product/7 (build 1) stays parked: position 12 TypeError: no price',
  );
});

test('all about a projection has its builds, partitions, tables, and what can be done next', () => {
  const shown = plain(
    formatProjection({
      projection: 'order-summary',
      head: 1_212,
      parked: [],
      versions: [
        {
          ...status,
          instances: ['query-service a:1'],
          steps: ['kiroku projection rollback order-summary: …'],
          builds: [
            {
              projection: 'order-summary',
              version: 2,
              build: 3,
              state: 'ready',
              active: true,
              log: { id: 'l', timeline: 1 },
              partitions: [{ partition: 0, position: 1_200, movedAt: '', epoch: 4, owner: 'query-service a:1', lag: status.lag }],
              parkedKeys: 1,
              createdAt: '',
              tables: [{ table: 'order', rows: { count: 1, estimated: false }, tableBytes: 8_192, indexBytes: 0 }],
            },
          ],
        },
      ],
    }),
  );
  for (const line of [
    'order-summary  the log is at position 1,212',
    'version 2  live',
    'run by    query-service a:1',
    'build 3  ready, active  1 parked',
    'partition 0  at 1,200, behind 12 events, 3 s  query-service a:1 (epoch 4)',
    'table order  1 row  8.2 kB',
    '→ kiroku projection rollback order-summary: …',
  ])
    expect(shown).toContain(line);
});

test('why a projection stands still is told once', () => {
  const reason = 'The tables differ from its definition.';
  const partitions = [
    { partition: 0, position: 7, movedAt: '', epoch: 4, lag: status.lag, stalled: { since: '2026-11-24T10:00:00Z', reason } },
  ];
  const build = { ...status, build: 3, state: 'ready', active: true, partitions, tables: [] } as never; // what is shown of it
  const version = { ...status, state: 'stalled', reason, instances: [], steps: [], builds: [build] } as const;
  const shown = plain(formatProjection({ projection: 'order-summary', head: 12, parked: [], versions: [version] }));
  expect(shown.split(reason)).toHaveLength(2);
  expect(shown).toContain('stalled since 2026-11-24 10:00:00');
});

test('parked keys that are not shown are counted, with how to see them', () => {
  const fault = { code: 'TypeError', message: 'no price' };
  const at = '2026-11-24T10:00:00.000000Z';
  const key = {
    ...place,
    partition: 0,
    position: 12,
    eventType: 'PriceSet',
    fault,
    events: 3,
    attempts: 1,
    parkedAt: at,
    triedAt: at,
  };
  const builds = [1, 2].map(
    (build) => ({ ...status, build, state: 'ready', active: true, parkedKeys: 4, partitions: [], tables: [] }) as never,
  ); // what is shown of them
  const shown = formatProjection({
    projection: 'products',
    head: 12,
    parked: [key],
    versions: [{ ...status, instances: [], steps: [], builds }],
  });
  expect(plain(shown)).toMatch(
    /\n {4}and 7 more: kiroku projection parked list products --after 2026-11-24T10:00:00\.000000Z,products,1,1,product,7$/,
  );
});

const place = { projection: 'products', version: 1, build: 1, table: 'product', keyText: '7' };
