import { chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KirokuError } from '@kiroku/core';
import pg from 'pg';
import type { Account } from './account.ts';
import { hasCode } from './error-code.ts';
import type { Home } from './home.ts';

export interface SuperuserConnection {
  /** As superuser, with the password. */
  readonly url: string;
  /** Of the server's files, for the message. */
  readonly directory: string;
}

/** Whether the server accepts connections. Throws `ConfigurationInvalid` if it refuses the password. */
export async function acceptsConnections({ url, directory }: SuperuserConnection): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    return true;
  } catch (error) {
    if (hasCode(error, '28P01')) {
      throw new KirokuError(
        'ConfigurationInvalid',
        `The embedded PostgreSQL refuses the password in credentials.json: that file and ${directory} do not belong together. Put the right one back from a backup, or move both away to begin with an empty one.`,
        { cause: error },
      );
    }
    return false;
  } finally {
    await client.end().catch(() => undefined); // it was never open
  }
}

/** Access rules under which whoever can enter the directory of the socket needs no password. Returns their file. */
export async function writeTakeOverRules(home: Home, account: Account | undefined): Promise<string> {
  const file = join(home.directory, 'take-over.hba.conf');
  await writeFile(file, 'local all postgres trust\nhost all all 127.0.0.1/32 scram-sha-256\n', { mode: 0o600 });
  if (account !== undefined) await chown(file, account.uid, account.gid);
  return file;
}

export interface TakeOver {
  readonly socketDirectory: string;
  readonly port: number;
  readonly password: string;
}

/** Gives the superuser this password, over the socket; `false` while the server accepts no connections. */
export async function takeOver({ socketDirectory, port, password }: TakeOver): Promise<boolean> {
  const client = new pg.Client({ host: socketDirectory, port, user: 'postgres', database: 'postgres', connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    await client.query(`alter role postgres password ${client.escapeLiteral(password)}`);
    return true;
  } catch {
    return false; // it recovers still, or ends: whoever waits for that is told
  } finally {
    await client.end().catch(() => undefined); // it was never open
  }
}
