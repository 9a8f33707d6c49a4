// Runs dependency-cruiser, and fails if it looked at too little: without a parser for TypeScript it calls an empty graph clean.
import { spawnSync } from 'node:child_process';

const leastModules = 100;

const { stdout, stderr } = spawnSync('node_modules/.bin/depcruise', ['packages', 'domains', 'apps', '--output-type', 'json'], {
  encoding: 'utf8',
  maxBuffer: 256 * 1024 * 1024,
});
if (!stdout.startsWith('{')) {
  process.stderr.write(`dependency-cruiser failed:\n${stderr || stdout}\n`);
  process.exit(1);
}
const { summary } = JSON.parse(stdout);
for (const { rule, from, to, comment, cycle } of summary.violations) {
  const path = cycle ? [from, ...cycle.map(({ name }) => name)].join(' → ') : `${from} → ${to}`;
  process.stderr.write(`${rule.name}: ${path}${comment ? ` (${comment})` : ''}\n`);
}
if (summary.totalCruised < leastModules) {
  process.stderr.write(
    `Only ${summary.totalCruised} modules were looked at; at least ${leastModules} are there. Is a TypeScript parser installed?\n`,
  );
  process.exit(1);
}
process.stdout.write(`${summary.totalCruised} modules, ${summary.violations.length} violations\n`);
process.exit(summary.violations.length > 0 ? 1 : 0);
