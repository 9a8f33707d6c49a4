import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exchangeClusters, finishExchange } from './exchange-clusters.ts';

let home: { readonly directory: string };
beforeEach(async () => {
  home = { directory: await mkdtemp(join(tmpdir(), 'kiroku-exchange-')) };
  await cluster('cluster', 'old');
  await cluster('restoring/cluster', 'new');
});
afterEach(() => rm(home.directory, { recursive: true }));

const exchange = { incoming: 'restoring/cluster', aside: 'cluster.before' };
const at = (path: string) => join(home.directory, path);
const inUse = () => readFile(at('cluster/which'), 'utf8');

async function cluster(path: string, which: string): Promise<void> {
  await mkdir(at(path), { recursive: true });
  await writeFile(at(join(path, 'which')), which);
}

test('one takes the place of the other, which is kept', async () => {
  await exchangeClusters(home, exchange);
  expect(await inUse()).toBe('new');
  expect(await readFile(at('cluster.before/which'), 'utf8')).toBe('old');
  expect(await finishExchange(home)).toBe(false);
});

test('they change back the same way', async () => {
  await exchangeClusters(home, exchange);
  await exchangeClusters(home, { incoming: exchange.aside, aside: exchange.incoming });
  expect(await inUse()).toBe('old');
});

test('where there is none in use, the incoming one is put there', async () => {
  await rm(at('cluster'), { recursive: true });
  await exchangeClusters(home, exchange);
  expect(await inUse()).toBe('new');
});

test.each([
  { cutOff: 'before the first rename', done: 0, inPlace: 'old' },
  { cutOff: 'between the two', done: 1, inPlace: 'new' },
  { cutOff: 'after the second', done: 2, inPlace: 'new' },
])('cut off $cutOff, it is as if it had not begun, or had ended: the $inPlace one is in use', async ({ done, inPlace }) => {
  await writeFile(at('exchange.json'), JSON.stringify(exchange));
  if (done > 0) await rename(at('cluster'), at(exchange.aside));
  if (done > 1) await rename(at(exchange.incoming), at('cluster'));
  expect(await finishExchange(home)).toBe(true);
  expect(await inUse()).toBe(inPlace);
  expect(await readdir(home.directory)).not.toContain('exchange.json');
});

test('a journal that was cut off itself says that nothing had begun', async () => {
  await writeFile(at('exchange.json'), '{"incom');
  expect(await finishExchange(home)).toBe(true);
  expect(await inUse()).toBe('old');
});

test('where nothing is to come in any more, what is in use stays there', async () => {
  await rm(at('restoring'), { recursive: true });
  await expect(exchangeClusters(home, exchange)).rejects.toThrow(/restoring/);
  expect(await inUse()).toBe('old');
  expect(await finishExchange(home)).toBe(false);
});

test('cut off between the two renames, and what was to come in gone, what was in use is put back', async () => {
  await writeFile(at('exchange.json'), JSON.stringify(exchange));
  await rename(at('cluster'), at(exchange.aside));
  await rm(at('restoring'), { recursive: true });
  expect(await finishExchange(home)).toBe(true);
  expect(await inUse()).toBe('old');
});
