import { isKirokuError, KirokuError } from '@kiroku/core';

/** A file system's errors as ours: what is wrong with which path, and what to do. */
export function directoryFault(error: unknown, path: string): Error {
  if (isKirokuError(error)) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  const advice = advices[code] ?? `${message}. Look at the disk, the mount, and BACKUP_URL.`;
  return new KirokuError('BackupStoreUnavailable', `${path}: ${advice}`, { cause: error, details: { path } });
}

const full = 'there is no room left. Make some, or remove old backups: `kiroku backup prune`.';
const forbidden = 'this user may not read or write there. Change the owner or the permissions, or BACKUP_URL.';
const advices: Readonly<Record<string, string>> = {
  ENOSPC: full,
  EDQUOT: full,
  EACCES: forbidden,
  EPERM: forbidden,
  EROFS: 'the file system is mounted to be read only. Mount it to be written, or change BACKUP_URL.',
  ENOTDIR: 'a file is where there should be a directory. Change BACKUP_URL.',
  EIO: 'the disk does not answer as it should. Look at the log of the system, and keep backups elsewhere.',
};
