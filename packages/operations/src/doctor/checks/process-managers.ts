import { rowsOf } from '@kiroku/postgres';
import { type Diagnosis, diagnose } from '../finding.ts';
import type { DoctorCheck, Patient, PresentLog } from '../patient.ts';
import { type FollowedLog, findLostInputs, setBack } from '../set-back-process-manager.ts';
import { standingOf } from '../standing.ts';

/** Process managers whose positions, or whose instances' inputs, are not of the present history. */
export const processManagers: DoctorCheck = {
  name: 'process-managers',
  async find(patient) {
    const followed = await rowsOf<FollowedLog>(patient.pools.command_db, 'doctor/list_process_managers');
    const log = await patient.log();
    const found = await Promise.all(followed.map((each) => judge(patient, log, each)));
    return found.flat();
  },
};

async function judge(patient: Patient, log: PresentLog, followed: FollowedLog): Promise<readonly Diagnosis[]> {
  const { name, logId: id, timeline } = followed;
  const where = `process manager ${name}`;
  const position = Math.max(0, ...followed.positions);
  const standing = standingOf(log, { id, timeline, position });
  if (standing.kind === 'present') return [];
  if (standing.kind === 'foreign') return [foreign(where, followed, log)];
  const { until } = standing;
  if (standing.kind === 'beyond' && !standing.known) return [unknown(where, followed, until)];
  const lost = await findLostInputs(patient, log, { followed, until });
  const repair = (): Promise<void> => setBack(patient.pools.command_db, { followed, log: log.history.log, until, lost });
  if (standing.kind === 'earlier' && lost.length === 0) {
    const what = `It followed timeline ${timeline}, and the log is on ${log.history.log.timeline}; up to where it is, both are the same.`;
    return [
      diagnose('ProcessManagerOfEarlierTimeline', {
        where,
        what,
        fix: 'counts its positions as of the present timeline, from which it goes on',
        repair,
      }),
    ];
  }
  const what = `It is at position ${position} of timeline ${timeline}, and the log has that history up to ${until} only. ${instancesOf(lost)}`;
  const fix = `sets it back to ${until}; what these sagas had not sent yet is kept back and their timers are removed, and they fail visibly, for an operator to retry, compensate or close`;
  return [diagnose('ProcessManagerOfLostHistory', { where, what, fix, repair })];
}

function foreign(where: string, { logId, timeline }: FollowedLog, { history: { log } }: PresentLog): Diagnosis {
  return diagnose('ProcessManagerOfAnotherLog', {
    where,
    what: `It followed log ${logId}, timeline ${timeline}; the event store is log ${log.id}. Connect the databases that belong together, or restore them together.`,
  });
}

function unknown(where: string, { timeline }: FollowedLog, until: number): Diagnosis {
  return diagnose('ProcessManagerOfLostHistory', {
    where,
    what: `It followed timeline ${timeline}, of which the log knows nothing: where both part (at ${until} at the earliest) cannot be told, so that nothing is done. Restore command_db from the same backup as the log.`,
  });
}

function instancesOf(lost: readonly string[]): string {
  if (lost.length === 0) return 'No saga has taken in what is gone.';
  const more = lost.length > 10 ? ` and ${lost.length - 10} more` : '';
  return `Sagas that have taken in what is gone: ${lost.slice(0, 10).join(', ')}${more}.`;
}
