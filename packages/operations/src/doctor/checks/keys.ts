import { subjectsOf } from '@kiroku/engine';
import { PostgresEventStore } from '@kiroku/postgres';
import { diagnose } from '../finding.ts';
import type { DoctorCheck } from '../patient.ts';

/** Events at the end of the log that are looked at, and subjects of them. */
const lookedAt = 2_000;
const mostSubjects = 200;

/** Keys of the subjects whose data was stored last: after a restore the key store may lack them. */
export const keys: DoctorCheck = {
  name: 'keys',
  async find({ pools, keys: store, log }) {
    const { head } = await log();
    await using events = new PostgresEventStore({ pool: pools.event_store });
    const page = await events.readLog({ after: Math.max(0, head - lookedAt), until: head, pageSize: lookedAt });
    const subjects = [...subjectsOf(page.events)].slice(-mostSubjects);
    const found = await Promise.all(subjects.map(async (subject) => ({ subject, key: await store.findKey(subject) })));
    const missing = found.filter(({ key }) => key === undefined).length;
    if (missing === 0) return [];
    const what = `The keys of ${missing} of the ${subjects.length} subjects that were written about last are not there. Look at KIROKU_KEY_DIR, and put the keys back from a backup: docs/runbooks/doctor.md.`;
    return [diagnose('KeysMissing', { where: 'key store', what })];
  },
};
