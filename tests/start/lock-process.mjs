// Takes the lock of argv[2] argv[3] times, and leaves it each time as a process that was killed does. Says `twice` if another had it meanwhile.
import { rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { takeLock } from '../../packages/operations/dist/up/process-lock.js';

const [file = '', times = '0'] = process.argv.slice(2);
const held = `${file}-held`;
for (let taken = 0; taken < Number(times); ) {
  try {
    await takeLock(file, () => new Error('taken'));
  } catch (error) {
    if (error.message !== 'taken') throw error;
    await sleep(1);
    continue;
  }
  taken += 1;
  await writeFile(held, '', { flag: 'wx' }).catch(() => process.stdout.write('twice\n'));
  await sleep(1);
  await rm(held, { force: true });
  const left = `${file}-left-${process.pid}`;
  await writeFile(left, JSON.stringify({ pid: 2 ** 22 + 1, start: '1', id: `${process.pid} ${taken}` }));
  await rename(left, file);
}
