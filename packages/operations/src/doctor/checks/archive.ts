import { archiveState } from '@kiroku/postgres';
import { type Diagnosis, diagnose } from '../finding.ts';
import type { DoctorCheck } from '../patient.ts';
import { foundOnServers, type Server } from '../servers.ts';

const mostSeconds = 300;

/** Whether what the servers write reaches their archive. */
export const archive: DoctorCheck = {
  name: 'archive',
  find: (patient) => foundOnServers(patient, judge),
};

async function judge({ name, pool }: Server): Promise<readonly Diagnosis[]> {
  const { state } = await archiveState(pool);
  if (state === undefined) return [];
  const { failing, failed, failedWal, failedAt, archivedWal, lagSeconds } = state;
  if (failing) {
    const what = `${failedWal} could not be archived at ${failedAt}; ${failed} tries have failed. The server's log says why; \`kiroku backup continuous status\` too.`;
    return [diagnose('ArchiveFailing', { where: name, what })];
  }
  if (lagSeconds <= mostSeconds) return [];
  const what = `Nothing was archived for ${Math.round(lagSeconds)} s, since ${archivedWal ?? 'the server began'}, though more was written.`;
  return [diagnose('ArchiveBehind', { where: name, what })];
}
