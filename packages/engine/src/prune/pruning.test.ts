import { expect, test } from 'vitest';
import { Pruning } from './pruning.ts';

test('a round goes on while its batches are full, and a fault only ends the round', async () => {
  const answers = [10, 10, 3];
  const asked: number[] = [];
  const faults: unknown[] = [];
  const prune = async (limit: number): Promise<number> => {
    asked.push(limit);
    const answer = answers.shift();
    if (answer === undefined) throw new Error('the database is away');
    return answer;
  };
  await using pruning = new Pruning({ prune, batchSize: 10, everyMs: 1, onFault: (error) => faults.push(error) });
  pruning.start();
  await expect.poll(() => faults.length).toBeGreaterThan(1);
  expect(asked[0]).toBe(10);
});
