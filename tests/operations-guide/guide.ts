import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../shop/running-shop.ts';
import { type CodeBlock, codeBlocks, codeSpans, tableRows } from './markdown.ts';

/** What the operations guide asks for, what there is for it here, and how far that is proved. */
export interface GuideRow {
  readonly guide: string;
  readonly ours: string;
  readonly state: string;
}

export const guidePages = join(root, 'docs/operations');

/** The names of its pages. */
export const pages: readonly string[] = (await readdir(guidePages)).filter((name) => name.endsWith('.md'));
const read = (name: string) => readFile(join(guidePages, name), 'utf8');

export const guideRows: readonly GuideRow[] = tableRows(await read('README.md'), ['The guide', 'Ours', 'State']).map(
  ([guide = '', ours = '', state = '']) => ({ guide, ours, state }),
);

export const isTested = ({ state }: GuideRow): boolean => state === 'tested';

const shellBlocks = (await Promise.all(pages.map(async (name) => codeBlocks(await read(name), 'sh')))).flat();

/** Each command that the guide's table marks as tested, or that stands in a block of one of its pages, once, in their order. */
export const commands: readonly string[] = [
  ...new Set(
    [...guideRows.filter(isTested).flatMap(({ ours }) => codeSpans(ours)), ...shellBlocks.flatMap(linesOf)]
      .filter(isCommand)
      .map((command) => command.replaceAll('SERVICE', 'query-service')),
  ),
];

/** SQL of the guide, by database. */
export const statements: readonly CodeBlock[] = codeBlocks(await read('databases.md'), 'sql');

function linesOf({ lines }: CodeBlock): readonly string[] {
  return lines.map((line) => line.replace(/\s+# .*$/, '').trim());
}

export function isCommand(code: string): boolean {
  return /^(kiroku|curl) /.test(code);
}
