import type { JobStore, OperatorAudit } from '@kiroku/core';
import { createPool, PostgresJobStore, PostgresOperatorAudit } from '@kiroku/postgres';
import type { DatabaseUrls } from './installation.ts';

/** What verbs steer jobs with and are recorded in. */
export interface OperatingStores {
  readonly jobs: JobStore;
  readonly audit: OperatorAudit;
}

/** Opens them straight from their database; connects when first used. */
export function openOperatingStores(
  { command_db: url }: Pick<DatabaseUrls, 'command_db'>,
  applicationName: string,
): OperatingStores & AsyncDisposable {
  const pool = createPool({ url, applicationName, max: 2 });
  return { jobs: new PostgresJobStore({ pool }), audit: new PostgresOperatorAudit({ pool }), [Symbol.asyncDispose]: () => pool.end() };
}
