import { databaseNames, migrate, migrationStatus } from '@kiroku/postgres';
import { diagnose } from '../finding.ts';
import type { DoctorCheck } from '../patient.ts';

/** First: what the others look at may not be there yet. */
export const migrations: DoctorCheck = {
  name: 'migrations',
  async find({ urls, timeoutMs }) {
    const bound = timeoutMs === undefined ? {} : { timeoutMs };
    const statuses = await Promise.all(databaseNames.map((database) => migrationStatus({ database, url: urls.owner[database], ...bound })));
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
