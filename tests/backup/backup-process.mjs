// Makes a backup whose content never ends: to be killed while it does. `node backup-process.mjs PLACE ID`
import { randomBytes } from 'node:crypto';
import { openRepository } from '@kiroku/backup';

const [place = '', id = ''] = process.argv.slice(2);
const writer = await (await openRepository({ place })).begin(id);
await writer.add('first.tar', limited());
process.stdout.write('begun\n');
await writer.add('cluster.tar', endless());

async function* limited() {
  yield randomBytes(1_000);
}

async function* endless() {
  for (;;) {
    yield randomBytes(65_536);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
