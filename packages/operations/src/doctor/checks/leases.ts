import { type Pool, rowsOf } from '@kiroku/postgres';
import { type Diagnosis, diagnose } from '../finding.ts';
import { foundInEach } from '../parts-of-check.ts';
import type { DoctorCheck } from '../patient.ts';

/** Work that a process holds which is gone. */
export const leases: DoctorCheck = {
  name: 'leases',
  find: ({ pools }) => foundInEach([judge(pools.command_db, 'process'), judge(pools.query_db, 'projection')]),
};

async function judge(pool: Pool, kind: 'process' | 'projection'): Promise<readonly Diagnosis[]> {
  const held = await rowsOf<{ what: string; owner: string }>(pool, `doctor/list_${kind}_leases`);
  const [first] = held;
  if (first === undefined) return [];
  const others = held.length > 1 ? ` and ${held.length - 1} more` : '';
  return [
    diagnose('LeaseOrphaned', {
      where: kind === 'process' ? 'command_db' : 'query_db',
      what: `${first.owner} holds ${first.what}${others}, and has not been heard of for more than a minute.`,
      fix: 'sets it free',
      repair: () => rowsOf(pool, `doctor/release_${kind}_leases`),
    }),
  ];
}
