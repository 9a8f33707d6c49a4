import { describe, expect, test, vi } from 'vitest';
import { Pruning, type PruningOptions } from './pruning.ts';

const never = 3_600_000;

/** Answers with how many were removed, or fails, one after the other; then there is nothing more. */
function pruning(answers: readonly (number | Error)[], options: Partial<PruningOptions> = {}) {
  const left = [...answers];
  const prune = vi.fn(async (_limit: number): Promise<number> => {
    const answer = left.shift() ?? 0;
    if (answer instanceof Error) throw answer;
    return answer;
  });
  return { prune, pruning: new Pruning({ prune, batchSize: 10, everyMs: never, ...options }) };
}

describe('a round', () => {
  test('goes on, at leisure, while its batches are full', async () => {
    const { prune, pruning: rounds } = pruning([10, 10, 9, 10]);
    await using _ = rounds;
    const began = performance.now();
    rounds.start();
    await expect.poll(() => prune.mock.calls.length).toBe(3);
    expect(performance.now() - began).toBeGreaterThan(190);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(prune.mock.calls).toEqual([[10], [10], [10]]); // the next round is far
  });

  test('removes 500 at a time unless told otherwise', async () => {
    const prune = vi.fn(async () => 0);
    await using rounds = new Pruning({ prune });
    rounds.start();
    expect(prune.mock.calls).toEqual([[500]]);
  });

  test('ends with a fault, which is told, and the next comes in its time', async () => {
    const away = new Error('the database is away');
    const faults: unknown[] = [];
    const { prune, pruning: rounds } = pruning([away, away, 3], { everyMs: 1, onFault: (error) => faults.push(error) });
    await using _ = rounds;
    rounds.start();
    await expect.poll(() => prune.mock.calls.length).toBeGreaterThan(3);
    expect(faults).toEqual([away, away]);
  });
});

test('who stops waits for the batch in hand, and not for the next round; started again it goes on', async () => {
  const { prune, pruning: rounds } = pruning([]);
  await rounds.stop();
  let finish = (): void => undefined;
  prune.mockImplementationOnce(
    () =>
      new Promise((resolve) => {
        finish = () => resolve(10);
      }),
  );
  rounds.start();
  rounds.start();
  const stopped = vi.fn();
  const stopping = rounds.stop().then(stopped);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(stopped).not.toHaveBeenCalled();
  finish();
  await stopping;
  expect(prune).toHaveBeenCalledOnce();
  rounds.start();
  expect(prune).toHaveBeenCalledTimes(2);
  await rounds.stop(); // at once, though the next round is far
});
