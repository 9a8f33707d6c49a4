import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Account } from './account.ts';
import type { Home } from './home.ts';

// What a statement has freed stays with its connection for the next one, up to 16 MB: giving back everything above 128 KB, glibc's default, had each
// command's statements ask for five pages anew. https://man7.org/linux/man-pages/man3/mallopt.3.html
const keptMemory = { MALLOC_TRIM_THRESHOLD_: String(16 * 1024 * 1024), MALLOC_MMAP_THRESHOLD_: String(4 * 1024 * 1024) };

/** How every program of the server is started: in its home, as its account, in a process group that Ctrl-C in a terminal does not reach. */
export function programOptions(home: Home, account: Account | undefined) {
  return {
    cwd: home.directory,
    detached: true,
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: home.directory, LANG: 'C', LC_ALL: 'C', TZ: 'UTC', ...keptMemory },
    ...(account !== undefined && { uid: account.uid, gid: account.gid }),
  };
}

/** Runs a program of the server to its end. Returns what it printed and its exit code. */
export async function runProgram(
  name: string,
  args: readonly string[],
  { home, account }: { readonly home: Home; readonly account: Account | undefined },
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(join(home.binaries, 'bin', name), args, { ...programOptions(home, account), stdio: ['ignore', 'pipe', 'pipe'] });
  const printed: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => printed.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { code, output: Buffer.concat(printed).toString('utf8') };
}
