import type { BackupManifest, PhysicalBackup } from '@kiroku/backup';
import { sampleManifest } from '@kiroku/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BackupVerification } from '../backup-verify/verification.ts';
import { type PruneFacts, planPrune } from './plan-prune.ts';

const now = new Date('2026-11-30T12:00:00Z');
const dayMs = 86_400_000;

interface Made {
  readonly daysAgo: number;
  readonly log?: string;
  readonly physical?: Partial<PhysicalBackup>;
}

function backup({ daysAgo, log = 'a', physical }: Made): BackupManifest {
  const time = new Date(now.getTime() - daysAgo * dayMs).toISOString();
  return {
    format: 1,
    id: idAt(daysAgo),
    ...sampleManifest(),
    startedAt: time,
    finishedAt: time,
    head: { log, timeline: 1, position: 1, hash: '0'.repeat(64) },
    encrypted: false,
    parts: [{ name: 'x', storedBytes: 7, sha256: '0'.repeat(64), bytes: 9 }],
    ...(physical && {
      physical: { systemIdentifier: '1', walTimeline: 1, walSegmentBytes: 16 << 20, startLsn: '0/0', stopLsn: '0/0', ...physical },
    }),
  };
}

function idAt(daysAgo: number): string {
  return `${new Date(now.getTime() - daysAgo * dayMs).toISOString().replace(/[-:]|\.\d+/g, '')}-0000`;
}

function plan({ backups = [], damaged = [], unfinished = [] }: Partial<PruneFacts['listing']>, facts: Partial<PruneFacts> = {}) {
  const sorted = backups.toSorted((one, other) => (one.id < other.id ? -1 : 1));
  return planPrune({
    listing: { backups: sorted, damaged, unfinished },
    left: new Set(),
    verifications: new Map(),
    archived: [],
    keptKeys: [],
    keepDays: 30,
    now,
    ...facts,
  });
}

const idsOf = ({ backups }: ReturnType<typeof planPrune>) => backups.map(({ id }) => id);
const verified = (daysAgo: number, whole: boolean): [string, BackupVerification] => [
  idAt(daysAgo),
  { at: now.toISOString(), whole, opened: true, findings: [] },
];

describe('a prune', () => {
  test('removes what is older than it may be, and tells how much that is', () => {
    const pruned = plan({ backups: [backup({ daysAgo: 31 }), backup({ daysAgo: 29 }), backup({ daysAgo: 1 })] });
    expect(pruned.backups).toEqual([{ id: idAt(31), why: 'too old', storedBytes: 7 }]);
    expect(pruned.kept).toBe(2);
  });

  test('keeps the last one, however old, and says so', () => {
    const pruned = plan({ backups: [backup({ daysAgo: 300 }), backup({ daysAgo: 200 })] });
    expect(idsOf(pruned)).toEqual([idAt(300)]);
    expect(pruned.lastGood).toBe(idAt(200));
  });

  test('keeps the last good one if those after it were found damaged', () => {
    const backups = [backup({ daysAgo: 60 }), backup({ daysAgo: 50 }), backup({ daysAgo: 40 }), backup({ daysAgo: 1 })];
    const pruned = plan({ backups }, { verifications: new Map([verified(40, false), verified(1, false), verified(60, true)]) });
    expect(idsOf(pruned)).toEqual([idAt(60)]);
    expect(pruned.lastGood).toBe(idAt(50));
  });

  test('removes none if no good one is left, and a damaged one once a good one is newer', () => {
    const backups = [backup({ daysAgo: 50 }), backup({ daysAgo: 40 })];
    expect(idsOf(plan({ backups }, { verifications: new Map([verified(50, false), verified(40, false)]) }))).toEqual([]);
    expect(plan({ backups }, { verifications: new Map([verified(50, false)]) }).backups).toMatchObject([{ why: 'damaged, and too old' }]);
  });

  test('keeps the last good one of the history in use, however many are newer of one that a restore has left', () => {
    const backups = [backup({ daysAgo: 60 }), backup({ daysAgo: 50 }), backup({ daysAgo: 40 })];
    const left = new Set([idAt(40)]);
    const pruned = plan({ backups }, { left });
    expect([idsOf(pruned), pruned.lastGood]).toEqual([[idAt(60)], idAt(50)]);
    expect(idsOf(plan({ backups: [...backups, backup({ daysAgo: 1 })] }, { left }))).toEqual([idAt(60), idAt(50), idAt(40)]);
    expect(idsOf(plan({ backups }, { left: new Set(backups.map(({ id }) => id)) }))).toEqual([idAt(60), idAt(50)]);
  });

  test('keeps the last one of each log', () => {
    const pruned = plan({ backups: [backup({ daysAgo: 60, log: 'b' }), backup({ daysAgo: 50 }), backup({ daysAgo: 1 })] });
    expect(idsOf(pruned)).toEqual([idAt(50)]);
  });

  test('removes what cannot be read once it is old, and never what newer code has made', () => {
    const damaged = [
      { id: idAt(60), code: 'BackupDamaged', reason: '' },
      { id: idAt(59), code: 'BackupTooNew', reason: '' },
      { id: idAt(3), code: 'BackupDamaged', reason: '' },
    ] as const;
    expect(idsOf(plan({ backups: [backup({ daysAgo: 1 })], damaged }))).toEqual([idAt(60)]);
    expect(idsOf(plan({ damaged }))).toEqual([]);
  });

  test('removes what was never finished a day after anybody worked on it', () => {
    const unfinished = [
      { id: idAt(9), lastSeenAt: '2026-11-29T11:59:00Z', storedBytes: 3 },
      { id: idAt(8), lastSeenAt: '2026-11-29T12:01:00Z', storedBytes: 3 },
    ];
    expect(plan({ unfinished }).backups).toEqual([{ id: idAt(9), why: 'never finished', storedBytes: 3 }]);
  });

  test('never leaves a log without the newest of its good backups, whatever there is', () => {
    const made = fc.record({ daysAgo: fc.integer({ min: 0, max: 400 }), log: fc.constantFrom('a', 'b'), whole: fc.option(fc.boolean()) });
    fc.assert(
      fc.property(fc.uniqueArray(made, { selector: ({ daysAgo }) => daysAgo }), fc.integer({ min: 1, max: 100 }), (all, keepDays) => {
        const verifications = new Map(all.flatMap(({ daysAgo, whole }) => (whole === null ? [] : [verified(daysAgo, whole)])));
        const gone = new Set(idsOf(plan({ backups: all.map(backup) }, { keepDays, verifications })));
        for (const log of ['a', 'b']) {
          const good = all.filter((each) => each.log === log && each.whole !== false).map(({ daysAgo }) => daysAgo);
          if (good.length > 0) expect(gone.has(idAt(Math.min(...good)))).toBe(false);
          else for (const each of all.filter((other) => other.log === log)) expect(gone.has(idAt(each.daysAgo))).toBe(false);
        }
        for (const { daysAgo } of all) if (daysAgo < keepDays) expect(gone.has(idAt(daysAgo))).toBe(false);
      }),
    );
  });
});

describe('the write-ahead log that goes', () => {
  const archived = [
    '000000010000000000000003',
    '000000010000000000000004.partial',
    '000000010000000000000004',
    '000000010000000000000005',
    '000000020000000000000004',
    '000000020000000000000006',
    '00000002.history',
  ];

  test('is what is older than the oldest backup that stays begins with, on any timeline; histories stay', () => {
    const backups = [
      backup({ daysAgo: 60, physical: { startLsn: '0/3000028' } }),
      backup({ daysAgo: 20, physical: { startLsn: '0/5000028' } }),
      backup({ daysAgo: 1, physical: { startLsn: '0/6000028', walTimeline: 2 } }),
    ];
    expect(plan({ backups }, { archived }).wal).toEqual([...archived.slice(0, 3), '000000020000000000000004']);
  });

  test('is none if no backup that stays goes on from it, or if two servers write there', () => {
    const ofTwo = [
      backup({ daysAgo: 2, physical: { startLsn: '0/5000028' } }),
      backup({ daysAgo: 1, physical: { startLsn: '0/5000028', systemIdentifier: '2' } }),
    ];
    for (const backups of [[], [backup({ daysAgo: 1 })], ofTwo]) expect(plan({ backups }, { archived }).wal).toEqual([]);
  });
});

describe('the keys of personal data that go', () => {
  const keptKeys = [idAt(70), idAt(25), idAt(20.5), idAt(10)];
  const withKeys = (daysAgo: number) => ({ ...backup({ daysAgo }), keys: true });

  test('are those that were kept a day before the oldest backup that stays, which has them', () => {
    expect(plan({ backups: [withKeys(60), withKeys(20), withKeys(1)] }, { keptKeys }).keys).toEqual([idAt(70), idAt(25)]);
  });

  test('are none if one that stays has no keys, might be older, or if none stays', () => {
    const tooNew = { id: idAt(80), code: 'BackupTooNew' as const, reason: 'format 2' };
    expect(plan({ backups: [backup({ daysAgo: 20 }), withKeys(1)] }, { keptKeys }).keys).toEqual([]);
    expect(plan({ backups: [withKeys(1)], damaged: [tooNew] }, { keptKeys }).keys).toEqual([]);
    expect(plan({}, { keptKeys }).keys).toEqual([]);
  });
});
