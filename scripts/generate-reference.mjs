// Writes docs/reference/*.md and docs/operations/environment-variables.md from the code; `--check` fails if one is not current. Needs a build.
import { readFile, writeFile } from 'node:fs/promises';

const reference = ['alerts', 'cli', 'configuration', 'errors', 'metrics', 'rejections'];
const pages = [...reference.map((name) => ['reference', name]), ['operations', 'environment-variables']];
const outdated = [];

for (const [folder, name] of pages) {
  const file = `docs/${folder}/${name}.md`;
  const { page } = await import(`./reference/${name}.mjs`);
  const text = page.replace('\n', '\n\n<!-- Made by scripts/generate-reference.mjs. Do not edit. -->\n');
  if ((await readFile(file, 'utf8').catch(() => '')) === text) continue;
  outdated.push(file);
  if (!process.argv.includes('--check')) await writeFile(file, text);
}
if (process.argv.includes('--check') && outdated.length > 0) {
  console.error(`${outdated.join(', ')}: not what the code says. Run: node scripts/generate-reference.mjs`);
  process.exitCode = 1;
}
