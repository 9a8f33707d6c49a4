import { chown, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account } from './account.ts';

export interface ServerScript {
  /** Of `sh/<name>.sh`. */
  readonly name: 'archive-wal' | 'restore-wal';
  /** Where the server can read it. */
  readonly directory: string;
  readonly account: Account | undefined;
}

/** Puts a script where the server's account can read it, which it may not where this code is. Returns the command that runs it, up to its arguments. */
export async function installScript({ name, directory, account }: ServerScript): Promise<string> {
  const file = join(directory, `${name}.sh`);
  await writeFile(file, await readFile(new URL(`../../sh/${name}.sh`, import.meta.url), 'utf8'), { mode: 0o600 });
  if (account !== undefined) await chown(file, account.uid, account.gid);
  // to the shell a word; to PostgreSQL, % begins a placeholder
  return `/bin/sh '${file.replaceAll("'", "'\\''").replaceAll('%', '%%')}'`;
}
