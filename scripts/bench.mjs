// Builds and runs the benchmarks, or those named: npm run bench -- append
import { spawnSync } from 'node:child_process';
import { prepare } from './prepare.mjs';

const benchmarks = [
  'append',
  'flat-cost',
  'hot-stream',
  'open-snapshot',
  'read-log',
  'wake-up',
  'verify',
  'rebuild',
  'live',
  'verify-projection',
  'order-flow',
  'mixed',
  'observing',
  'timers',
  'backup',
  'drill',
];

await prepare();
const named = process.argv.slice(2);
const unknown = named.filter((name) => !benchmarks.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`There is no benchmark ${unknown.join(', ')}. There are: ${benchmarks.join(', ')}.\n`);
  process.exit(2);
}
for (const name of named.length > 0 ? named : benchmarks) {
  process.stdout.write(`\n# ${name}\n`);
  const { status } = spawnSync(process.execPath, [`bench/dist/${name}.js`], { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}
