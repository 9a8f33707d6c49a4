import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../shop/running-shop.ts';
import { codeBlocks, codeSpans } from './markdown.ts';

const usages = new Map(
  (await readFile(join(root, 'docs/reference/cli.md'), 'utf8'))
    .split(/^## kiroku/m)
    .slice(1)
    .map((part) => [part.split('\n', 1)[0]?.trim() ?? '', new Set(part.match(/(?<=^ +(?:-\w, )?)--[a-z][a-z-]*/gm))] as const),
);
const everywhere = [...(usages.get('') ?? [])];
/** What may be left out of a command line: `kiroku audit` is `kiroku audit list`. */
const leftOut: Readonly<Record<string, string>> = { audit: 'list', replay: 'build' };
/** Those with verbs under them that take names all the same. */
const takingNames = [...Object.keys(leftOut), 'logs'];

const folders = ['docs/runbooks', 'docs/guides'];
const pages = (
  await Promise.all(folders.map(async (folder) => (await readdir(join(root, folder))).map((name) => `${folder}/${name}`)))
).flat();

test.each(['README.md', ...pages])('%s calls only verbs that are there, with options that they have', async (page) => {
  const text = await readFile(join(root, page), 'utf8');
  const lines = [...codeBlocks(text, 'sh').flatMap(({ lines: each }) => each), ...text.split('\n').flatMap(codeSpans)];
  const commands = lines.flatMap((line) => /^(?:npx )?kiroku (.*)$/.exec(line.replace(/\s+# .*$/, ''))?.[1] ?? []);
  expect(commands.filter((command) => !isThere(command))).toEqual([]);
});

function isThere(command: string): boolean {
  const words = command.replaceAll(/"[^"]*"|'[^']*'/g, 'TEXT').split(/\s+/);
  const options = words.flatMap((word) => /^--[a-z][a-z-]*/.exec(word) ?? []);
  const names = words.filter((word, index) => /^[a-z][a-z-]*$/.test(word) && !/^--(config|as|reason)$/.test(words[index - 1] ?? ''));
  const verb = [3, 2, 1].map((count) => names.slice(0, count).join(' ')).find((name) => usages.has(name));
  if (verb === undefined) return false;
  const hasVerbs = [...usages.keys()].some((name) => name.startsWith(`${verb} `));
  if (hasVerbs && names.join(' ') !== verb && !takingNames.includes(verb)) return false; // no verb of this name under it
  const known = [...everywhere, ...(usages.get(verb) ?? []), ...(usages.get(`${verb} ${leftOut[verb]}`) ?? [])];
  return options.every((option) => known.includes(option));
}
