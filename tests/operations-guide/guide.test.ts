import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { alertRules } from '@kiroku/operations/alert-rules';
import { catalog } from '@kiroku/service/metrics';
import { describe, expect, test } from 'vitest';
import { root } from '../shop/running-shop.ts';
import { type GuideRow, guidePages, guideRows, isCommand, isTested, pages, statements } from './guide.ts';
import { anchorOf, codeSpans } from './markdown.ts';
import { settingNames, takes } from './settings.ts';

const verbs = new Set((await readFile(join(root, 'docs/reference/cli.md'), 'utf8')).match(/(?<=^## kiroku ).+$/gm));
const metrics = new Set<string>(Object.values(catalog).map(({ name }) => name));
const alerts = new Set<string>(alertRules.map(({ name }) => name));

const linksTo = (text: string, page: string) => [...text.matchAll(/\]\(([^)#]*)#?([^)]*)\)/g)].filter(([, to]) => to === page);

describe('each command of the guide', () => {
  test('is tested, or is not there yet', () => {
    expect(guideRows.length).toBeGreaterThan(60);
    const stated = /^(tested|tested by \[[^\]]+\]\([^)]+\)|not there yet: \S.*)$/;
    expect(guideRows.filter(({ state }) => !stated.test(state))).toEqual([]);
  });

  test.each(guideRows.filter(isTested))('$guide has what can be tested', ({ ours }) => {
    const proofs = [
      ...codeSpans(ours).map((code) => [code, isKnown(code)]),
      ...linksTo(ours, 'databases.md').map(([, , to]) => [to, hasSql(to)]),
    ];
    expect(proofs).not.toEqual([]);
    expect(proofs.filter(([, known]) => !known)).toEqual([]);
  });

  test.each(guideRows.filter(({ state }) => state.startsWith('tested by')))('$guide is in a test that is there', async ({ state }) => {
    const [, path = ''] = /\(([^)]+)\)/.exec(state) ?? [];
    expect(await readFile(join(guidePages, path), 'utf8')).not.toBe('');
  });

  test.each(guideRows.filter(({ state }) => state.startsWith('not there yet')))(
    '$guide is named by no verb that is there',
    ({ state }: GuideRow) => {
      const named = codeSpans(state).flatMap((code) => /(?<=^kiroku )[a-z][a-z-]*(?: [a-z][a-z-]*)*(?= |$)/.exec(code) ?? []);
      expect(named.filter((verb) => verbs.has(verb))).toEqual([]);
    },
  );
});

/** Something that a test runs, or that can be looked up in the code. */
function isKnown(code: string): boolean {
  if (isCommand(code)) return true;
  const [name = '', value] = code.split('=', 2);
  return metrics.has(name) || alerts.has(name) || (settingNames.has(name) && (value === undefined || takes(name, value)));
}

function hasSql(anchor: string | undefined): boolean {
  return statements.some((block) => block.anchor === anchor);
}

test.each(pages)('every link of %s leads to a page, and to a heading of it', async (name) => {
  const page = await readFile(join(guidePages, name), 'utf8');
  const links = [...page.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)];
  const broken = await Promise.all(links.map(async ([link, path = '', anchor]) => ((await leads(path || name, anchor)) ? [] : [link])));
  expect(broken.flat()).toEqual([]);
});

async function leads(path: string, anchor: string | undefined): Promise<boolean> {
  const target = join(guidePages, path);
  if (anchor === undefined) return existsSync(target);
  const text = await readFile(target, 'utf8').catch(() => '');
  return (text.match(/^#+ .+$/gm) ?? []).some((heading) => anchorOf(heading) === anchor);
}
