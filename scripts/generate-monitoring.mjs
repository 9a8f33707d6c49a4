// Writes docs/operations/{prometheus,grafana} from the alert rules; `--check` fails if a file is not current. Needs a build.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { monitoringFiles } from '@kiroku/monitoring';

const directory = 'docs/operations';
const files = monitoringFiles();
const outdated = [];

for (const [name, text] of files) {
  const file = join(directory, name);
  if ((await readFile(file, 'utf8').catch(() => '')) === text) continue;
  outdated.push(file);
  if (process.argv.includes('--check')) continue;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
for (const folder of new Set([...files.keys()].map(dirname))) {
  for (const found of await readdir(join(directory, folder))) {
    if (files.has(`${folder}/${found}`)) continue;
    outdated.push(join(directory, folder, found));
    if (!process.argv.includes('--check')) await rm(join(directory, folder, found));
  }
}
if (process.argv.includes('--check') && outdated.length > 0) {
  console.error(`${outdated.join(', ')}: not what the alert rules say. Run: node scripts/generate-monitoring.mjs`);
  process.exitCode = 1;
}
