import { databaseNames, migrate, migrationStatus } from '@kiroku/postgres';
import { diagnose } from '../finding.ts';
import type { DoctorCheck } from '../patient.ts';

/** First: what the others look at may not be there yet. */
export const migrations: DoctorCheck = {
  name: 'migrations',
  async find({ urls }) {
    const statuses = await Promise.all(
      databaseNames.map(async (database) => ({ ...(await migrationStatus({ database, url: urls.owner[database] })) })),
    );
    return statuses
      .filter(({ pending }) => pending.length > 0)
      .map(({ database, pending }) =>
        diagnose('MigrationsPending', {
          where: database,
          what: `It lacks ${pending.length} migrations, from ${pending[0]?.number} (${pending[0]?.name}).`,
          fix: 'applies them, as `kiroku migrate` does',
          repair: () => migrate({ database, url: urls.owner[database] }),
        }),
      );
  },
};
