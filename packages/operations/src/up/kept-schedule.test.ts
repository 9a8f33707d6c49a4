import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { KeptSchedule, type ScheduledTask } from './kept-schedule.ts';

const everySecond = '* * * * * *';

function scheduled(...tasks: readonly ScheduledTask[]) {
  const told: string[] = [];
  const schedule = new KeptSchedule({ tasks, onProgress: ({ kind, text }) => told.push(`${kind}: ${text}`) });
  schedule.start();
  return { schedule, told };
}

test('a task is done at its times, and is done again after one that failed', async () => {
  const run = vi.fn<ScheduledTask['run']>().mockRejectedValueOnce(new Error('There is no room.')).mockResolvedValue('Done.');
  const { schedule, told } = scheduled({ name: 'The backup', schedule: everySecond, run });
  await vi.waitFor(() => expect(told.length).toBeGreaterThan(1), { timeout: 15_000 });
  await schedule.stop();
  expect(told[0]).toMatch(/^notice: The backup that was due .* There is no room\.$/);
  expect(told[1]).toBe('step: Done.');
});

test('tasks wait for one another, and stopping ends the one under way and waits for it', async () => {
  const ended: string[] = [];
  let underWay = 0;
  const task = (name: string): ScheduledTask => ({
    name,
    schedule: everySecond,
    run: async (signal) => {
      underWay += 1;
      await once(signal, 'abort');
      ended.push(name);
      throw new Error('interrupted');
    },
  });
  const { schedule, told } = scheduled(task('one'), task('other'));
  await vi.waitFor(() => expect(underWay).toBe(1), { timeout: 15_000 });
  await schedule.stop();
  expect(underWay).toBe(1);
  expect(ended).toHaveLength(1);
  expect(told).toEqual([]);
});

test('a schedule that was stopped begins nothing', async () => {
  const run = vi.fn<ScheduledTask['run']>();
  const { schedule } = scheduled({ name: 'The backup', schedule: '0 0 1 1 *', run });
  await schedule.stop();
  expect(run).not.toHaveBeenCalled();
});
