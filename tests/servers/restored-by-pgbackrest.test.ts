import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { provision } from '@kiroku/postgres';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RememberingBuyer } from '../shop/remembering-buyer.ts';
import { kiroku, ownDirectory, ownPorts, RunningShop } from '../shop/running-shop.ts';
import { DebianServer, missing } from './debian-server.ts';

const credentials = { superuser: 'secret', owner: 'owner', service: 'service', maintenance: 'maintenance' };

describe.skipIf(missing !== '')(`a shop on a server of Debian's whose log was dropped by mistake${missing}`, () => {
  let server: DebianServer;
  let dataDirectory: string;
  let environment: Readonly<Record<string, string>>;
  let shop: RunningShop;
  let buyer: RememberingBuyer;
  let before: number;
  let restored: string | undefined;

  beforeAll(async () => {
    server = await DebianServer.start();
    await provision({ url: server.url, credentials });
    dataDirectory = await ownDirectory();
    environment = {
      ...(await ownPorts()),
      DATABASE_URL: `postgres://kiroku_service:service@127.0.0.1:${server.port}`,
      BACKUP_URL: await server.ownDirectory('backups'),
      BACKUP_PGBACKREST_STANZAS: 'shop',
      BACKUP_PGBACKREST_CONFIG: join(await server.ownDirectory('work'), 'pgbackrest.conf'),
    };
    await done(['migrate'], asSuperuser());
    shop = await RunningShop.start({ dataDirectory, environment });
    buyer = new RememberingBuyer(shop.graphql);
  });
  afterAll(async () => {
    await shop?.[Symbol.asyncDispose]();
    if (restored !== undefined) await server.stop('immediate', restored);
    await server?.[Symbol.asyncDispose]();
    if (dataDirectory !== undefined) await rm(dataDirectory, { recursive: true, force: true });
  });

  const asSuperuser = () => ({ ...environment, DATABASE_URL: server.url.replace(/\/postgres$/, '') });
  async function done(args: readonly string[], as: Readonly<Record<string, string>>, code = 0): Promise<string> {
    const said = await kiroku({ dataDirectory, environment: as }, ...args);
    expect(said, `${args.join(' ')}: ${said.stderr}`).toMatchObject({ code });
    return said.stdout;
  }

  test('is backed up while it is used, and its log is kept from then on', async () => {
    await done(['backup', 'continuous', 'enable'], asSuperuser(), 3); // once the server was restarted
    await server.restart();
    await shop.untilReady();
    await done(['backup', 'continuous', 'enable'], asSuperuser());
    buyer.start();
    await expect.poll(() => buyer.acknowledged.length, { timeout: 60_000 }).toBeGreaterThan(5);
    await done(['backup', 'create'], asSuperuser());
    const then = buyer.acknowledged.length;
    await expect.poll(() => buyer.acknowledged.length, { timeout: 60_000 }).toBeGreaterThan(then + 10);
    before = Date.now();
    const last = buyer.acknowledged.length;
    await expect.poll(() => buyer.acknowledged.length, { timeout: 60_000 }).toBeGreaterThan(last + 5); // they will be lost
    await query(`postgres://postgres:secret@127.0.0.1:${server.port}/event_store`, 'drop table kiroku.events cascade');
    await buyer.stop();
    await shop.interrupt();
  });

  test('is restored to the moment before, beside it, and started over what was restored', async () => {
    const told = await done(['restore', '--at', new Date(before).toISOString(), '--yes', '--json'], asSuperuser());
    const { timeline, todo } = JSON.parse(told) as { readonly timeline: number; readonly todo: readonly string[] };
    expect(timeline).toBe(2);
    const urls = [...todo.join('\n').matchAll(/(\w+_DATABASE_URL)=postgres:\/\/…@(\S+)/g)];
    const as = (user: string) => Object.fromEntries(urls.map(([, name = '', place]) => [name, `postgres://${user}@${place}`]));
    expect(Object.keys(as('x')).sort()).toEqual(['COMMAND_DATABASE_URL', 'EVENT_STORE_DATABASE_URL', 'QUERY_DATABASE_URL']);
    environment = { ...environment, ...as('kiroku_service:service') };
    restored = await directoryOf(as('postgres:secret').EVENT_STORE_DATABASE_URL ?? '');
    shop = await RunningShop.start({ dataDirectory, environment });
  });

  test('has every order that was acknowledged before that moment, once', async () => {
    const url = (environment.EVENT_STORE_DATABASE_URL ?? '').replace('kiroku_service:service', 'postgres:secret');
    const found = await query<{ id: string; n: number }>(
      url,
      `select substr(stream, 7) as id, count(*)::int as n from kiroku.events where type = 'OrderPlaced' group by 1`,
    );
    const present = new Map(found.map(({ id, n }) => [id, n]));
    const kept = buyer.acknowledged.filter(({ at }) => at < before);
    expect(kept.length).toBeGreaterThan(10);
    for (const { orderId } of kept) expect(present.get(orderId), orderId).toBe(1);
    expect([...present.values()].every((count) => count === 1)).toBe(true);
  });

  test('is whole: the log, the read models, and what the doctor looks at', async () => {
    await done(['events', 'verify', '--deep'], environment);
    await done(['projection', 'verify'], environment);
    const { stdout } = await kiroku({ dataDirectory, environment }, 'doctor', '--json');
    const { findings } = JSON.parse(stdout) as { readonly findings: readonly { readonly code: string }[] };
    // of how a server of the tests is set up, and of a restored one, which does not archive until it is told to
    expect(findings.filter(({ code }) => !['NotDurable', 'TimingOff', 'NoArchive'].includes(code))).toEqual([]);
  });
});

async function query<Row extends object>(url: string, text: string): Promise<readonly Row[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

async function directoryOf(url: string): Promise<string> {
  const [row] = await query<{ data_directory: string }>(url, 'show data_directory');
  return row?.data_directory ?? '';
}
