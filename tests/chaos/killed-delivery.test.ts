import type { StreamName } from '@kiroku/core';
import { describe, expect, test } from 'vitest';
import { deliveredLog, killed, type Taken } from './delivered-log.ts';

const streams: readonly StreamName[] = ['order-1', 'order-2', 'order-3', 'order-4', 'order-5', 'order-6'];
/** What a killed process may have posted and not written. */
const mostRepeated = 256;
const patience = { timeout: 90_000, interval: 20 };

describe('two processes that deliver to one consumer', () => {
  test('send each event once, in order, and after a kill repeat no more than was not written', async () => {
    await using given = await deliveredLog({ streams, leaseMs: 8_000 }); // long: while nobody is killed, none may lapse
    const [first, second] = [given.start('one'), given.start('two')];
    const undisturbed = await given.append(20);
    await expect.poll(async () => (await given.consumer()).position, patience).toBe(undisturbed);
    expect(repeated(given.taken)).toEqual([]);

    const more = given.append(100);
    await expect.poll(() => given.taken.length, patience).toBeGreaterThan(undisturbed + 60);
    await killed((await given.consumer()).owner === 'one' ? first : second);
    const head = await more;
    await expect.poll(async () => (await given.consumer()).position, patience).toBe(head);
    expect(new Set(given.taken.map(({ position }) => position)).size).toBe(head);
    for (const stream of streams) expectInOrder(given.taken, stream);
    expect(repeated(given.taken).length).toBeLessThanOrEqual(mostRepeated);
    expect(Math.max(...timesOf(given.taken).values())).toBeLessThanOrEqual(2);
  });

  test('are not disturbed by one that freezes, and wakes up when the other has taken over', async () => {
    await using given = await deliveredLog({ streams, leaseMs: 8_000 });
    const frozen = given.start('frozen');
    const before = given.append(100);
    await expect.poll(() => given.taken.length, patience).toBeGreaterThan(100);
    frozen.kill('SIGSTOP');
    given.start('awake');
    await before;
    await expect.poll(() => given.taken.some(({ from }) => from === 'awake'), patience).toBe(true);
    frozen.kill('SIGCONT');
    const sinceThen = given.taken.length;
    const head = await given.append(50);
    await expect.poll(async () => (await given.consumer()).position, patience).toBe(head);
    expect(new Set(given.taken.map(({ position }) => position)).size).toBe(head);
    for (const stream of streams) expectInOrder(given.taken, stream);
    expect(given.taken.slice(sinceThen).filter(({ from }) => from === 'frozen').length).toBeLessThanOrEqual(streams.length);
    expect(frozen.exitCode).toBeNull();
  });
});

function timesOf(taken: readonly Taken[]): ReadonlyMap<number, number> {
  const times = new Map<number, number>();
  for (const { position } of taken) times.set(position, (times.get(position) ?? 0) + 1);
  return times;
}

/** Positions that came more than once. */
function repeated(taken: readonly Taken[]): readonly number[] {
  return [...timesOf(taken)].filter(([, times]) => times > 1).map(([position]) => position);
}

/** The first arrivals of a stream. */
function expectInOrder(taken: readonly Taken[], stream: string): void {
  const firsts = [...new Set(taken.filter((each) => each.stream === stream).map(({ position }) => position))];
  expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));
}
