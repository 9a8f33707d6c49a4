import { rowsOf } from '@kiroku/postgres';
import { diagnose } from '../finding.ts';
import type { DoctorCheck } from '../patient.ts';

const most = 1_000;

interface Orphan {
  readonly kind: 'command' | 'timer';
  readonly processManager: string;
  readonly instance: string;
  readonly what: string;
}

/** Commands on their way and timers of sagas that do not exist. */
export const orphans: DoctorCheck = {
  name: 'orphans',
  async find({ pools }) {
    const found = await rowsOf<Orphan>(pools.command_db, 'doctor/list_orphans', [most]);
    if (found.length === 0) return [];
    const some = found.slice(0, 5).map(({ kind, what, processManager, instance }) => `${kind} ${what} of ${processManager} ${instance}`);
    return [
      diagnose('WorkWithoutInstance', {
        where: 'command_db',
        what: `${found.length} commands and timers belong to no saga: ${some.join('; ')}${found.length > some.length ? ' and others' : ''}.`,
        fix: 'deletes them; none is sent, none fires',
        repair: () => rowsOf(pools.command_db, 'doctor/delete_orphans'),
      }),
    ];
  },
};
