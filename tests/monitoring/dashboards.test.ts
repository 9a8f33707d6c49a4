import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../shop/running-shop.ts';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly legendFormat: string }[];
}

const directory = join(root, 'docs/operations/grafana');
const names = await readdir(directory);
const read = async (name: string) =>
  JSON.parse(await readFile(join(directory, name), 'utf8')) as {
    readonly uid: string;
    readonly schemaVersion: number;
    readonly templating: { readonly list: readonly { readonly name: string; readonly query: string }[] };
    readonly panels: readonly Panel[];
  };

test.each(names)('%s can be imported anywhere: it names no data source, and panels are told apart and lie side by side', async (name) => {
  const { uid, schemaVersion, templating, panels } = await read(name);
  expect([uid, schemaVersion]).toEqual([`kiroku-${name.replace('.json', '')}`, 42]);
  expect(templating.list).toMatchObject([{ name: 'datasource', query: 'prometheus' }]);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  for (const { type, title, description, datasource, targets = [] } of panels.filter((panel) => panel.type !== 'row')) {
    expect([title, description, datasource?.uid]).toEqual([title, expect.stringMatching(/\.$/), `\${datasource}`]);
    expect(['timeseries', 'stat']).toContain(type);
    expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    expect(targets.length).toBeGreaterThan(0);
  }
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)}:${y + Math.floor(cell / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBeLessThanOrEqual(24);
});

test('dashboards have addresses of their own', async () => {
  const uids = await Promise.all(names.map(async (name) => (await read(name)).uid));
  expect(new Set(uids).size).toBe(6);
});
