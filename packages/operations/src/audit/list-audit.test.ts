import { type AuditFilter, type AuditTrail, KirokuError, type TrailPage } from '@kiroku/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AuditTrails } from './audit-stores.ts';
import { type AuditListing, listAudit } from './list-audit.ts';

/** A trail with entries at these seconds, looked through a few at a time. */
function trailOf(name: string, seconds: readonly number[], span = 3): AuditTrail<never> & { readonly asked: AuditFilter[] } {
  const asked: AuditFilter[] = [];
  const at = (second: number) => new Date(second * 1_000).toISOString();
  return {
    asked,
    page: async (filter, before = seconds.length + 1): Promise<TrailPage<never>> => {
      asked.push(filter);
      const to = Math.min(before - 1, seconds.length);
      if (to < 1) return { entries: [], looked: 0 };
      const from = Math.max(1, to - span + 1);
      const places = Array.from({ length: to - from + 1 }, (_, index) => to - index);
      // every other place is not wanted
      const entries = places
        .filter((place) => place % 2 === 1)
        .map((place) => ({ place, at: at(seconds[place - 1] ?? 0), entry: { user: name, place } as never }));
      return { entries, looked: to - from + 1, ...(from > 1 && { next: from, reached: at(seconds[from - 1] ?? 0) }) };
    },
  };
}

function trails(accepted: readonly number[], unrecorded: readonly number[], actions: readonly number[]) {
  return { accepted: trailOf('a', accepted), unrecorded: trailOf('u', unrecorded), actions: trailOf('o', actions) };
}

interface Told {
  readonly user: string;
  readonly place: number;
}

const told = ({ entries }: AuditListing) => (entries as unknown as readonly Told[]).map(({ user, place }) => `${user}${place}`);

async function all(given: AuditTrails, limit: number, lookAtMost?: number): Promise<readonly string[]> {
  const found: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const listing = await listAudit(given, { limit, ...(cursor && { cursor }), ...(lookAtMost && { lookAtMost }) });
    found.push(...told(listing));
    if (listing.cursor === undefined) return found;
    cursor = listing.cursor;
  }
}

describe('the audit', () => {
  test('tells of all trails together, latest first', async () => {
    expect(await all(trails([10, 20, 30], [15, 16, 17], [25]), 100)).toEqual(['a3', 'o1', 'u3', 'u1', 'a1']);
  });

  test('goes on where it ended, with nothing left out or told twice, whatever the size of its parts', async () => {
    const seconds = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 20 }).map((list) => list.sort((a, b) => a - b));
    const sizes = fc.integer({ min: 1, max: 5 });
    await fc.assert(
      fc.asyncProperty(seconds, seconds, seconds, sizes, sizes, async (accepted, unrecorded, actions, limit, lookAtMost) => {
        const given = trails(accepted, unrecorded, actions);
        const found = await all(given, limit, lookAtMost);
        const timeOf = (entry: string) => ({ a: accepted, u: unrecorded, o: actions })[entry[0] as 'a']?.[Number(entry.slice(1)) - 1] ?? 0;
        expect(found).toHaveLength([accepted, unrecorded, actions].reduce((sum, { length }) => sum + Math.ceil(length / 2), 0));
        expect(new Set(found).size).toBe(found.length);
        expect(found.map(timeOf)).toEqual(found.map(timeOf).sort((a, b) => b - a));
      }),
      { numRuns: 300 },
    );
  });

  test('tells what there is while a database is away, and of which trail entries lack', async () => {
    const away = () => Promise.reject(new KirokuError('DatabaseUnavailable', 'event_store is away.'));
    const given = { ...trails([10], [15, 16, 17], [25]), accepted: { page: away } };
    const listing = await listAudit(given, { limit: 10 });
    expect(told(listing)).toEqual(['o1', 'u3', 'u1']);
    expect(listing).toMatchObject({ missing: [{ trail: 'accepted', reason: 'event_store is away.' }] });
    expect(listing).not.toHaveProperty('cursor');
    expect(await listAudit(given, { limit: 10, kind: 'operator' })).not.toHaveProperty('missing');
    await expect(listAudit(given, { limit: 10, outcome: 'accepted' })).rejects.toMatchObject({ code: 'DatabaseUnavailable' });
  });

  test('asks all trails at once, as each may wait for a database that does not answer', async () => {
    let asked = 0;
    let giveUp: () => void = () => undefined;
    const waited = new Promise<void>((resolve) => {
      giveUp = resolve;
    });
    const away: AuditTrail<never> = {
      page: async () => {
        asked += 1;
        if (asked === 3) giveUp();
        await waited;
        throw new KirokuError('DatabaseUnavailable', 'no answer');
      },
    };
    await expect(listAudit({ accepted: away, unrecorded: away, actions: away }, { limit: 5 })).rejects.toThrow('no answer');
  });

  test('goes on where it ended with a trail that was away and is back, with nothing left out', async () => {
    const given = trails([10], [15, 16, 17], [25]);
    const away = { page: () => Promise.reject(new KirokuError('DatabaseUnavailable', 'event_store is away.')) };
    const { cursor = '' } = await listAudit({ ...given, accepted: away }, { limit: 1 });
    expect(told(await listAudit(given, { limit: 10, cursor }))).toEqual(['u3', 'u1', 'a1']);
  });

  test('says how far it looked when that was enough', async () => {
    const listing = await listAudit(
      trails(
        Array.from({ length: 100 }, (_, n) => n),
        [],
        [],
      ),
      { limit: 100, lookAtMost: 9 },
    );
    expect(listing).toMatchObject({ looked: 9, reached: new Date(91_000).toISOString(), cursor: expect.any(String) });
    expect(await listAudit(trails([1, 2], [], []), { limit: 5 })).not.toHaveProperty('cursor');
  });

  test('reads no further back than it must', async () => {
    const given = trails(
      Array.from({ length: 100 }, (_, n) => n),
      [],
      [95, 96, 97, 98, 99],
    );
    await listAudit(given, { limit: 4 });
    expect(given.accepted.asked).toHaveLength(2);
  });

  test('looks at the last day, unless somebody says otherwise or it is about operators alone', async () => {
    const sinceOf = async (query: object) =>
      (await listAudit(trails([], [], []), { limit: 1, ...query }, () => Date.UTC(2026, 10, 24))).since;
    expect(await sinceOf({})).toBe('2026-11-23T00:00:00.000Z');
    expect(await sinceOf({ since: '2020-01-01T00:00:00Z' })).toBe('2020-01-01T00:00:00Z');
    expect(await sinceOf({ kind: 'operator' })).toBeUndefined();
    expect(await sinceOf({ verb: 'migrate' })).toBeUndefined();
  });

  test.each([
    [{}, ['accepted', 'unrecorded', 'actions']],
    [{ kind: 'command' }, ['accepted', 'unrecorded']],
    [{ kind: 'operator' }, ['actions']],
    [{ type: 'PlaceOrder' }, ['accepted', 'unrecorded']],
    [{ stream: 'order-1' }, ['accepted', 'unrecorded']],
    [{ verb: 'migrate' }, ['actions']],
    [{ outcome: 'accepted' }, ['accepted']],
    [{ outcome: 'rejected' }, ['unrecorded']],
    [{ outcome: 'failed' }, ['actions']],
    [{ outcome: 'failed', type: 'PlaceOrder' }, []],
  ])('asked for %j, looks only where that can be', async (query, expected) => {
    const given = trails([1], [1], [1]);
    await listAudit(given, { limit: 10, ...(query as object) });
    expect(Object.entries(given).flatMap(([name, { asked }]) => (asked.length > 0 ? [name] : []))).toEqual(expected);
  });

  test.each([
    ['cursor', { cursor: 'x' }],
    ['cursor', { cursor: Buffer.from('[[1,2],null]').toString('base64url') }],
    ['cursor', { cursor: Buffer.from('[[1,2,"3"],null]').toString('base64url') }],
    ['outcome', { outcome: 'fine' }],
  ])('refuses a %s that is none', async (_what, query) => {
    await expect(listAudit(trails([], [], []), { limit: 1, ...query })).rejects.toMatchObject({ code: 'BadRequest' });
  });
});
