import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Ends the name of a test that promtool is missing for; empty if it is there. */
export const missing = await run('promtool', ['--version']).then(
  () => '',
  () => ' (needs promtool: apt-get install prometheus)',
);

/** What promtool says about files in a directory of their own, and whether it is content. */
export async function promtool(
  args: readonly string[],
  files: Readonly<Record<string, string>>,
): Promise<{ readonly ok: boolean; readonly said: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'kiroku-promtool-'));
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
    const { stdout, stderr } = await run('promtool', args, { cwd: directory, maxBuffer: 64 * 1_048_576 });
    return { ok: true, said: `${stdout}${stderr}` };
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { readonly stdout?: string; readonly stderr?: string }; // execFile gives what was printed
    return { ok: false, said: `${stdout}${stderr}` };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
