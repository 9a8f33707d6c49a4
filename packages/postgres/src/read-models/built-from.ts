import { KirokuError, type LogIdentity, type Projection } from '@kiroku/core';

/** Which log a build is made from, as the database has it. */
export interface StoredLog {
  readonly log_id: string;
  readonly timeline: number;
}

/** Throws `LogMismatch` if rows and log do not belong together. */
export function requireSameLog({ name, version }: Projection, built: StoredLog, log: LogIdentity): void {
  if (built.log_id === log.id && built.timeline === log.timeline) return;
  throw new KirokuError(
    'LogMismatch',
    `${name} version ${version} was built from log ${built.log_id}, timeline ${built.timeline}; the event store is log ${log.id}, timeline ${log.timeline}. Its positions may mean other events there. After a restore, \`kiroku doctor --fix\` says which still hold, and rebuilds the rest; else connect the databases that belong together.`,
    { details: { projection: name, version, built: { id: built.log_id, timeline: built.timeline }, log } },
  );
}
