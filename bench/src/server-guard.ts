// Waits beside a benchmark until that is gone, however it went, ends the PostgreSQL that it left running and removes its directory.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { commandLine, isAlive } from '@kiroku/postgres';

const [directory = ''] = process.argv.slice(2);
for await (const _ of process.stdin); // ends when the benchmark does
const text = await readFile(join(directory, 'cluster', 'postmaster.pid'), 'utf8').catch(() => '');
const pid = Number(text.split('\n')[0]);
if (pid > 1 && isAlive(pid) && (await commandLine(pid)).includes(directory)) {
  process.kill(pid, 'SIGQUIT'); // at once: nobody needs what it holds
  while (isAlive(pid)) await delay(50);
}
await rm(directory, { recursive: true, force: true });
