// Everything CI asks for besides the tests: format, lint, types, dependency rules, dead exports, schema and documents.
import { spawnSync } from 'node:child_process';
import { prepare } from './prepare.mjs';

await prepare();

/** @type {[title: string, command: string, args: string[]][]} */
const steps = [
  ['format and lint', 'biome', ['ci', '--error-on-warnings', '.']],
  ['lint with types, dependency rules, cycles', 'oxlint', ['--type-aware', '--deny-warnings']],
  ['types of the tests', 'tsc', ['-p', 'tsconfig.tests.json']],
  ['dead exports', 'knip', ['--no-progress']],
  ['modules do nothing when loaded', 'node', ['scripts/check-loading.mjs']],
  ['schema dump', 'node', ['scripts/check-schema.mjs']],
  ['reference pages', 'node', ['scripts/generate-reference.mjs', '--check']],
  ['rules and dashboards', 'node', ['scripts/generate-monitoring.mjs', '--check']],
  ['OpenAPI clients', 'node', ['scripts/generate-openapi-clients.mjs', '--check']],
];

const failed = [];
for (const [title, command, args] of steps) {
  const started = Date.now();
  const { status } = spawnSync(command === 'node' ? process.execPath : `node_modules/.bin/${command}`, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  process.stdout.write(`${status === 0 ? '✓' : '✗'} ${title} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`);
  if (status !== 0) failed.push(title);
}
if (process.argv.includes('--no-tests')) finish();
const { status } = spawnSync(process.execPath, ['scripts/test.mjs'], { stdio: ['ignore', 'inherit', 'inherit'] });
if (status !== 0) failed.push('tests');
finish();

function finish() {
  if (failed.length > 0) process.stderr.write(`verify failed: ${failed.join(', ')}\n`);
  process.exit(failed.length > 0 ? 1 : 0);
}
