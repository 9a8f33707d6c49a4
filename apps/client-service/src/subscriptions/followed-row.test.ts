import type { LogPosition } from '@kiroku/core';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../graphql/gateway-error.ts';
import { ChangeSignal } from '../upstream/change-signal.ts';
import { FollowedRow } from './followed-row.ts';
import { FollowedRows } from './followed-rows.ts';

const at = (position: number) => ({ timeline: 1, position });
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A row whose reads the test answers. */
function follow() {
  const looks = new ChangeSignal(at(0));
  const reads: { readonly position: LogPosition; readonly answer: (value: unknown) => void; readonly fail: (error: Error) => void }[] = [];
  const ends: unknown[] = [];
  const counted = { followers: 0 };
  const read = (position: LogPosition) => new Promise((answer, fail) => reads.push({ position, answer, fail }));
  const row = new FollowedRow<unknown>(
    { looks: () => looks, read, waitMs: 1 },
    {
      onEnd: () => ends.push('ended'),
      onFollowers: (more) => {
        counted.followers += more;
      },
    },
  );
  return { row, looks, reads, ends, counted };
}

describe('a row that several follow', () => {
  it('is read once for all of them, at first and for each change', async () => {
    const { row, looks, reads } = follow();
    const followers = Array.from({ length: 100 }, () => row.follow());
    const next = () => Promise.all(followers.map(async (each) => (await each.next()).value));
    const first = next();
    await turn();
    reads[0]?.answer({ name: 'a' });
    expect(await first).toEqual(followers.map(() => ({ name: 'a' })));
    looks.raise(at(7));
    await turn();
    reads[1]?.answer({ name: 'b' });
    expect(await next()).toEqual(followers.map(() => ({ name: 'b' })));
    expect(reads.map(({ position }) => position.position)).toEqual([0, 7]);
  });

  it('begins for one who comes later with what is read after that, and never with less than others have seen', async () => {
    const { row, looks, reads } = follow();
    looks.raise(at(7));
    const early = row.follow();
    await turn();
    const late = row.follow();
    const [first, second] = [early.next(), late.next()];
    reads[0]?.answer('old');
    expect((await first).value).toBe('old');
    await turn();
    reads[1]?.answer('new');
    expect((await second).value).toBe('new');
    expect(reads.map(({ position }) => position.position)).toEqual([7, 7]);
  });

  it('tells a slow one the latest state, and not what it had before', async () => {
    const { row, looks, reads } = follow();
    const [quick, slow] = [row.follow(), row.follow()];
    const told = async (read: number, value: string) => {
      const next = quick.next();
      await turn();
      reads[read]?.answer(value);
      return (await next).value;
    };
    expect(await told(0, 'a')).toBe('a');
    expect((await slow.next()).value).toBe('a');
    for (const [read, value] of ['b', 'a', 'c'].entries()) {
      const waiting = value === 'c' ? slow.next() : undefined;
      looks.raise(at(read + 1));
      expect(await told(read + 1, value)).toBe(value);
      if (waiting !== undefined) expect((await waiting).value).toBe('c');
    }
  });

  it('goes on through a fault that passes, and ends for all with one that does not', async () => {
    const { row, looks, reads, ends, counted } = follow();
    const fault = (retryable: boolean) => new GatewayError('down', { code: 'ServiceUnavailable', kind: 'fault', retryable });
    const followers = [row.follow(), row.follow()];
    const values = Promise.all(followers.map((each) => each.next()));
    await turn();
    reads[0]?.fail(fault(true));
    await expect.poll(() => reads).toHaveLength(2);
    reads[1]?.answer('present');
    expect(await values).toEqual(followers.map(() => ({ done: false, value: 'present' })));
    looks.raise(at(1));
    await turn();
    reads[2]?.fail(fault(false));
    for (const each of followers) await expect(each.next()).rejects.toThrow('down');
    expect(ends).toEqual(['ended']);
    expect(counted.followers).toBe(0);
  });

  it('is let go of by the last that leaves, and followed anew by who comes then', async () => {
    const rows = new FollowedRows({ maxFollowers: 10 });
    const opened: AbortSignal[] = [];
    const source = () => ({
      looks: (signal: AbortSignal) => {
        opened.push(signal);
        return new ChangeSignal(at(0));
      },
      read: async () => 'a',
    });
    const follow = () => rows.follow('order 1', source, { place: rows.enter() });
    const [one, other] = [follow(), follow()];
    expect(opened).toHaveLength(1);
    await one.next();
    const waiting = one.next(); // for a change that never comes
    await one.return();
    expect((await waiting).done).toBe(true);
    expect([rows.followers, opened[0]?.aborted]).toEqual([1, false]);
    await other.return();
    expect([rows.followers, opened[0]?.aborted]).toEqual([0, true]);
    expect((await follow().next()).value).toBe('a');
  });
});
