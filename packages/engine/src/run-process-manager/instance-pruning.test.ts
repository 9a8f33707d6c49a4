import { expect, test } from 'vitest';
import { InstancePruning } from './instance-pruning.ts';

test('a round goes on while its batches are full, and a fault only ends the round', async () => {
  const answers = [10, 10, 3];
  const asked: object[] = [];
  const faults: unknown[] = [];
  const prune = async (options: object): Promise<number> => {
    asked.push(options);
    const answer = answers.shift();
    if (answer === undefined) throw new Error('the database is away');
    return answer;
  };
  await using pruning = new InstancePruning({
    store: { prune },
    keepDays: 7,
    batchSize: 10,
    everyMs: 1,
    onFault: (error) => faults.push(error),
  });
  pruning.start();
  await expect.poll(() => faults.length).toBeGreaterThan(1);
  expect(asked[0]).toEqual({ doneForDays: 7, limit: 10 });
});
