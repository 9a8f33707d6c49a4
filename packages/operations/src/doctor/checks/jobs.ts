import { PostgresJobStore, PostgresReadModelBuilds, rowsOf } from '@kiroku/postgres';
import { dropBuilds } from '../../projection-rebuild/drop-builds.ts';
import { diagnose } from '../finding.ts';
import type { DoctorCheck } from '../patient.ts';

/** Jobs that were begun before the log was restored. */
export const jobs: DoctorCheck = {
  name: 'jobs',
  async find({ pools, log }) {
    const { history } = await log();
    const restoredAt = history.forks.find(({ timeline }) => timeline === history.log.timeline)?.restoredAt;
    if (restoredAt === undefined) return [];
    const open = await rowsOf<{ id: string; verb: string; state: string }>(pools.command_db, 'doctor/list_open_jobs', [restoredAt]);
    return open.map(({ id, verb, state }) =>
      diagnose('JobOfEarlierTimeline', {
        where: `job ${id}`,
        what: `\`${verb}\` is ${state}, and was begun before the restore at ${restoredAt}.`,
        fix: 'cancels it; begin it again if it is still wanted',
        repair: async () => {
          await new PostgresJobStore({ pool: pools.command_db }).cancel(id);
          await dropBuilds(new PostgresReadModelBuilds({ pool: pools.query_db }), { id, verb });
        },
      }),
    );
  },
};
