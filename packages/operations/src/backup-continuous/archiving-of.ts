import type { Archiving } from '@kiroku/postgres';
import type { Installation } from '../config/installation.ts';
import { continuousSince } from './continuous-state.ts';

/** How the embedded server of an installation hands its write-ahead log over; `undefined`: it does not. */
export async function archivingOf({
  dataDirectory,
  backup,
}: Pick<Installation, 'dataDirectory' | 'backup'>): Promise<Archiving | undefined> {
  return (await continuousSince(dataDirectory)) === undefined ? undefined : { timeoutSeconds: backup.archiveTimeoutSeconds };
}
