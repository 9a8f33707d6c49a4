import { diagnose } from '../finding.ts';
import { missingKeys } from '../missing-keys.ts';
import type { DoctorCheck } from '../patient.ts';

/** Keys of the subjects whose data was stored last: after a restore the key store may lack them. */
export const keys: DoctorCheck = {
  name: 'keys',
  async find({ pools, keys: store, log }) {
    const { head } = await log();
    const { missing, subjects } = await missingKeys(pools.event_store, { keys: store, head });
    if (missing === 0) return [];
    const what = `The keys of ${missing} of the ${subjects} subjects that were written about last are not there, or others in their place. Look at KIROKU_KEY_DIR, and put the keys back from a backup: docs/runbooks/doctor.md.`;
    return [diagnose('KeysMissing', { where: 'key store', what })];
  },
};
