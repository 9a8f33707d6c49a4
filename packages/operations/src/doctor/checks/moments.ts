import { type Moment, PostgresMoments, rowsOf } from '@kiroku/postgres';
import { type Diagnosis, diagnose } from '../finding.ts';
import type { DoctorCheck, Patient, PresentLog } from '../patient.ts';
import { standingOf } from '../standing.ts';

/** Read models as of moments that are not of the present history. */
export const moments: DoctorCheck = {
  name: 'moments',
  async find(patient) {
    const store = new PostgresMoments({ pool: patient.pools.query_db });
    const kept = await store.moments();
    const log = await patient.log();
    return kept.flatMap((moment) => judge(patient, { store, log }, moment));
  },
};

function judge(
  { pools }: Patient,
  { store, log }: { readonly store: PostgresMoments; readonly log: PresentLog },
  { name, position, log: of }: Moment,
): readonly Diagnosis[] {
  const standing = standingOf(log, { ...of, position });
  const where = `moment ${name}`;
  if (standing.kind === 'present') return [];
  if (standing.kind === 'earlier') {
    const { id, timeline } = log.history.log;
    return [
      diagnose('MomentOfEarlierTimeline', {
        where,
        what: `It was built at position ${position} of timeline ${of.timeline}, which the log still has.`,
        fix: 'counts it as one of the present timeline',
        repair: () => rowsOf(pools.query_db, 'doctor/adopt_moment', [name, id, timeline]),
      }),
    ];
  }
  return [
    diagnose('MomentOfLostHistory', {
      where,
      what: `It was built at position ${position} of timeline ${of.timeline} of log ${of.id}, which the log does not have.`,
      fix: 'drops it, as `kiroku replay drop` does',
      repair: () => store.drop(name),
    }),
  ];
}
