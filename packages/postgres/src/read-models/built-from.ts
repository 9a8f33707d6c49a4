import { KirokuError, type LogIdentity, type Projection } from '@kiroku/core';

/** Which log a projection version is built from, as the database has it. */
export interface StoredLog {
  readonly log_id: string;
  readonly timeline: number;
}

/** Throws `LogMismatch` if rows and log do not belong together, and `Internal` if the projection was never prepared. */
export function requireSameLog({ name, version }: Projection, built: StoredLog | undefined, log: LogIdentity): void {
  if (built === undefined) {
    throw new KirokuError('Internal', `${name} version ${version} is not registered in query_db. Call prepare before anything else.`);
  }
  if (built.log_id === log.id && built.timeline === log.timeline) return;
  throw new KirokuError(
    'LogMismatch',
    `${name} version ${version} was built from log ${built.log_id}, timeline ${built.timeline}; the event store is log ${log.id}, timeline ${log.timeline}. Its positions mean other events there: connect the databases that belong together, or rebuild ${name}.`,
    { details: { projection: name, version, built: { id: built.log_id, timeline: built.timeline }, log } },
  );
}
