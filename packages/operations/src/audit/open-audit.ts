import type { OperatorAudit } from '@kiroku/core';
import { createPool, PostgresOperatorAudit } from '@kiroku/postgres';
import { connectionUrls, type Installation } from '../config/installation.ts';

/** Opens the audit log of an installation straight from its database. */
export async function openAudit(installation: Installation): Promise<OperatorAudit & AsyncDisposable> {
  const url = (await connectionUrls(installation, 'service')).command_db;
  const pool = createPool({ url, applicationName: 'kiroku-cli', max: 1 });
  return Object.assign(new PostgresOperatorAudit({ pool }), { [Symbol.asyncDispose]: () => pool.end() });
}
