import { randomBytes } from 'node:crypto';

/** `20261127T221846Z-3f9a`: when, in UTC, and four digits that tell apart what begins in one second. */
export function newBackupId(now: Date, salt: string = randomBytes(2).toString('hex')): string {
  return `${now.toISOString().replace(/[-:]|\.\d+/g, '')}-${salt}`;
}
