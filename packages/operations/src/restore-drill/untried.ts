import type { BackupMethod } from '@kiroku/backup';
import { isKirokuError } from '@kiroku/core';
import type { Installation } from '../config/installation.ts';

/** There is nothing that could be tried. */
export class NothingKept extends Error {
  override readonly name = 'NothingKept';

  constructor(place: string) {
    super(`There is no backup in ${place}, and none was ever made: \`kiroku backup create\`.`);
  }
}

// rights of the role or of this process, room, a tool that is not installed
const wants = ['ConfigurationInvalid', 'RestoreRefused', 'ToolMissing'] as const;
const denied: readonly unknown[] = ['EACCES', 'EPERM', 'EROFS'];

/** Whether a drill ended before anything could be tried, for a reason that is not the backup's. `method`: of the backup, if one was chosen. */
export function isUntried(error: unknown, { databases }: Pick<Installation, 'databases'>, method: BackupMethod | undefined): boolean {
  if (error instanceof NothingKept || wants.some((code) => isKirokuError(error, code))) return true;
  if (isKirokuError(error, 'BackupStoreUnavailable') && method === undefined) return true; // what is kept there was not even seen
  // a dump needs the servers in use; any other backup starts one of its own, which has to come up
  if (isKirokuError(error, 'DatabaseUnavailable')) return databases !== undefined && method === 'pg_dump';
  const cause = isKirokuError(error) ? error.cause : error;
  return cause instanceof Error && 'code' in cause && denied.includes(cause.code);
}
