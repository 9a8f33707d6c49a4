import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { prepare, root } from './prepare.mjs';

await prepare();
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const reporters = ['--reporter=default', '--reporter=./scripts/closing-reporter.mjs'];
const { status, signal } = spawnSync(process.execPath, [vitest, 'run', ...reporters, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
if (signal !== null) console.error(`The tests were ended by ${signal}.`);
process.exitCode = status ?? 1;
