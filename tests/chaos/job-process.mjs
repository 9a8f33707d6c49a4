// A process that runs jobs, to be killed. The job adds the numbers up: sum and next number are its cursor.
import { setTimeout as delay } from 'node:timers/promises';
import { JobRunner } from '@kiroku/engine';
import { createPool, PostgresJobStore } from '@kiroku/postgres';

const pool = createPool({ url: process.env.JOBS_DATABASE_URL, applicationName: 'kiroku-tests', max: 2 });
const runner = new JobRunner({
  store: new PostgresJobStore({ pool }),
  owner: process.env.JOBS_OWNER,
  leaseMs: Number(process.env.JOBS_LEASE_MS),
  pollMs: 100,
  tickMs: 100,
  definitions: [
    {
      verb: 'sum',
      async run({ arguments: { to }, cursor = { sum: 0, next: 1 }, signal, report }) {
        let { sum, next } = cursor;
        while (next <= to) {
          signal.throwIfAborted();
          sum += next;
          next += 1;
          report({ done: next - 1, total: to, unit: 'numbers' }, { sum, next });
          await delay(1);
        }
        return sum;
      },
    },
    {
      verb: 'fall',
      // kills its process when it has got so far
      async run({ arguments: { to }, report, saved }) {
        report({ done: to, unit: 'steps' }, {});
        await saved();
        process.kill(process.pid, 'SIGKILL');
      },
    },
  ],
});
runner.start();
process.on('disconnect', () => process.exit());
