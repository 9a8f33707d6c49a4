// The bundler leaves out modules of ours that nothing is taken from (docs/decisions/0024-programs-are-bundled.md). So none but programs may do
// anything when it is loaded: beside declarations, nothing stands in a module.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAst } from 'rolldown/parseAst';

/** Run, not taken from. */
const programs = /^apps\/[^/]+\/src\/main\.ts$|\/(?:fold|key)-thread\.ts$/;
const declarations = /^(?:Import|Export|TS)|^(?:Function|Class|Variable)Declaration$/;

const faults = [];
for (const root of ['packages', 'domains', 'apps']) {
  for (const name of await readdir(root)) {
    const folder = join(root, name, 'src');
    for (const file of await readdir(folder, { recursive: true })) await check(join(folder, file));
  }
}
for (const fault of faults) process.stderr.write(`${fault}\n`);
process.exitCode = faults.length > 0 ? 1 : 0;

async function check(file) {
  if (!file.endsWith('.ts') || /\.test\.ts$|\.test-/.test(file) || programs.test(file)) return;
  const text = await readFile(file, 'utf8');
  for (const { type, start } of parseAst(text, { lang: 'ts' }).body) {
    if (declarations.test(type)) continue;
    const line = text.slice(0, start).split('\n').length;
    faults.push(`${file}:${line} does something when it is loaded: put it into a function, or into a program.`);
  }
}
