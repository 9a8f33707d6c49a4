import { damagedKeys } from '../../backup-keys/damaged-keys.ts';
import { type Diagnosis, diagnose } from '../finding.ts';
import { missingKeys } from '../missing-keys.ts';
import { foundInEach } from '../parts-of-check.ts';
import type { DoctorCheck, Patient } from '../patient.ts';

/** Files of keys that are looked at: some seconds. */
const mostFiles = 20_000;

const putBack = '`kiroku restore keys` puts back what a backup has';

/** Keys of the subjects whose data was stored last: after a restore the key store may lack them. And files of keys that are damaged. */
export const keys: DoctorCheck = {
  name: 'keys',
  find: (patient) => foundInEach([missing(patient), damaged(patient)]),
};

async function missing({ pools, keys: store, log, place }: Patient): Promise<readonly Diagnosis[]> {
  const { head } = await log();
  const { lost, subjects } = await missingKeys(pools.event_store, { keys: store, head });
  if (lost.length === 0) return [];
  const what = `The keys of ${lost.length} of the ${subjects.length} subjects that were written about last are not there, do not open, or others are in their place. Look at KIROKU_KEY_DIR and SECRET_KEY_BASE; ${putBack}.`;
  return [diagnose('KeysMissing', { where: place === undefined ? 'key store' : `key store of ${place}`, what })];
}

async function damaged({ keyFiles, place }: Patient): Promise<readonly Diagnosis[]> {
  if (keyFiles === undefined) return [];
  const { directory, judges } = keyFiles;
  const found = await damagedKeys(directory, { judges, most: mostFiles });
  if (found.damaged.length === 0) return [];
  const [first] = found.damaged;
  const what = `${found.damaged.length} of ${found.files} files that were looked at are empty, cut short or altered, such as ${first}; ${putBack}. Then look at the disk.`;
  return [diagnose('KeysDamaged', { where: place === undefined ? directory : `${directory} of ${place}`, what })];
}
