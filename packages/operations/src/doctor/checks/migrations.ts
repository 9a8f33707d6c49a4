import { type DatabaseName, databaseNames, migrate, migrationStatus } from '@kiroku/postgres';
import { type Diagnosis, diagnose } from '../finding.ts';
import { foundInEach } from '../parts-of-check.ts';
import type { DoctorCheck, Patient } from '../patient.ts';

/** For an answer; a status is one of some rows. */
const patienceMs = 10_000;

/** First: what the others look at may not be there yet. */
export const migrations: DoctorCheck = {
  name: 'migrations',
  find: (patient) => foundInEach(databaseNames.map((database) => judge(patient, database))),
};

async function judge({ urlOf, timeoutMs = patienceMs }: Patient, database: DatabaseName): Promise<readonly Diagnosis[]> {
  const url = urlOf(database, 'owner');
  const { pending } = await migrationStatus({ database, url, timeoutMs });
  if (pending.length === 0) return [];
  return [
    diagnose('MigrationsPending', {
      where: database,
      what: `It lacks ${pending.length} migrations, from ${pending[0]?.number} (${pending[0]?.name}).`,
      fix: 'applies them, as `kiroku migrate` does',
      repair: () => migrate({ database, url }),
    }),
  ];
}
