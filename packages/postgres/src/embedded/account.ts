import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { KirokuError } from '@kiroku/core';

/** The operating system's account that the server runs as. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * PostgreSQL refuses to run as root. As root: the owner of the cluster if there is one, else `postgres`, else `nobody`. Otherwise
 * `undefined`: whoever we are.
 */
export async function serverAccount(cluster: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(cluster).catch(() => undefined);
  const known = parseAccounts(await readFile('/etc/passwd', 'utf8'));
  if (owner !== undefined && owner.uid !== 0) {
    const name = known.find(({ uid }) => uid === owner.uid)?.name ?? String(owner.uid);
    return { name, uid: owner.uid, gid: owner.gid };
  }
  const account = known.find(({ name }) => name === 'postgres') ?? known.find(({ name }) => name === 'nobody');
  if (account === undefined) {
    throw new KirokuError(
      'ConfigurationInvalid',
      'PostgreSQL refuses to run as root, and this system has neither a user postgres nor nobody to run it as. Start as an ordinary user.',
    );
  }
  return account;
}

/** The accounts of a passwd file. */
export function parseAccounts(passwd: string): readonly Account[] {
  return passwd
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields) => fields.length >= 4)
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
}

/** May the account enter every directory on the way to `path`? Looks at the mode bits, not at access lists. */
export async function canReach(account: Account, path: string): Promise<boolean> {
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    if (!mayEnter(account, await stat(directory))) return false;
    if (directory === dirname(directory)) return true;
  }
}

/** The x bit that applies to the account. */
export function mayEnter(
  account: Pick<Account, 'uid' | 'gid'>,
  directory: { readonly uid: number; readonly gid: number; readonly mode: number },
): boolean {
  if (directory.uid === account.uid) return (directory.mode & 0o100) !== 0;
  if (directory.gid === account.gid) return (directory.mode & 0o010) !== 0;
  return (directory.mode & 0o001) !== 0;
}
