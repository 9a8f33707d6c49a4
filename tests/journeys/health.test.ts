import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { kiroku, ownDirectory, ownPorts, RunningShop, root } from '../shop/running-shop.ts';
import { scrape } from '../shop/scrape.ts';

const services = ['payment-simulator', 'command-service', 'query-service', 'client-service'] as const;
const quick = {
  PROCESS_LEASE_MS: '1000',
  PROJECTION_LEASE_MS: '1000',
  WORK_MAX_DELAY_SECONDS: '3',
  HEALTH_CHECK_TIMEOUT_MS: '1000',
  HEALTH_CACHE_MS: '100',
  DRAIN_MS: '8000',
};
const waiting = { timeout: 30_000, interval: 200 };

interface Report {
  readonly state: string;
  readonly services: readonly { readonly name: string; readonly state: string; readonly reason?: string }[];
  readonly databases: readonly { readonly name: string; readonly reachable: boolean }[];
  readonly projections?: readonly { readonly projection: string; readonly state: string }[];
  readonly work?: readonly { readonly name: string; readonly state: string; readonly reason?: string }[];
}

let shop: RunningShop;
const stopped: number[] = [];

beforeAll(async () => {
  shop = await RunningShop.start({ environment: { ...(await ownPorts()), ...quick } });
});
afterEach(async () => {
  goOn();
  expect((await kiroku(shop, 'health', '--wait', '60')).code).toBe(0); // and so it is well again, each time
});
afterAll(() => shop?.[Symbol.asyncDispose]());

async function stop(...what: readonly string[]): Promise<void> {
  const ids = await shop.processIds();
  for (const name of what) {
    const pid = (name === 'PostgreSQL' ? ids.postgres : ids.services[name]) ?? 0;
    pause(pid);
    if (name === 'PostgreSQL') for (const connection of await childrenOf(pid)) pause(connection); // it makes no more
  }
}

function pause(pid: number): void {
  process.kill(pid, 'SIGSTOP');
  stopped.push(pid);
}

/** The last that was stopped goes on first: PostgreSQL takes leave of a connection that had ended only when it goes on itself. */
function goOn(): void {
  for (const pid of stopped.splice(0).reverse()) process.kill(pid, 'SIGCONT');
}

/** Connections that are open are served by processes of their own, which would go on. Not by `ps`, which a bare machine has not. */
async function childrenOf(parent: number): Promise<readonly number[]> {
  const processes = (await readdir('/proc')).map(Number).filter(Boolean);
  const parents = await Promise.all(processes.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  // its parent is the second after the name, which is in brackets
  return processes.filter((_, index) => parents[index]?.split(') ').at(-1)?.split(' ')[1] === String(parent));
}

const url = (service: string, path: string) =>
  `http://127.0.0.1:${shop.environment[`${service.toUpperCase().replace('-', '_')}_PORT`]}${path}`;

async function ask(service: string, path = '/health/ready') {
  const response = await fetch(url(service, path), { signal: AbortSignal.timeout(10_000) });
  const body = (await response.json()) as { state: string; dependencies: Record<string, { state: string; reason?: string }> };
  return { status: response.status, ...body };
}

/** A look may be late on a busy machine, and then says so of a service that is well. */
async function untilAnswers(service: string, status: number): Promise<void> {
  await vi.waitFor(async () => expect((await ask(service)).status).toBe(status), waiting);
}

async function look(...args: readonly string[]): Promise<Report & { readonly code: number | null }> {
  const { code, stdout } = await kiroku(shop, 'health', '--json', ...args);
  return { code, ...(JSON.parse(stdout) as Report) };
}

const serviceIn = (report: Report, name: string) => report.services.find((each) => each.name === name);
const workIn = (report: Report, name: string) => report.work?.find((each) => each.name === name);

/** Runs statements on a connection of its own, which stays open until it is disposed of. */
async function holding(database: string, ...statements: readonly string[]): Promise<AsyncDisposable> {
  const { superuser } = JSON.parse(await readFile(join(shop.dataDirectory, 'credentials.json'), 'utf8'));
  const port = Number(shop.environment.POSTGRES_PORT);
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', password: superuser, database });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  return { [Symbol.asyncDispose]: () => client.end() };
}

describe('what has stopped is seen by others', () => {
  test('a command-service: the gateway is not ready, and its process manager is orphaned', async () => {
    await stop('command-service');
    const { code, state, ...report } = await vi.waitFor(async () => {
      const seen = await look();
      expect(workIn(seen, 'process manager fulfilment')?.state).toBe('orphaned');
      return seen;
    }, waiting);
    expect([code, state, serviceIn({ state, ...report }, 'command-service')]).toMatchObject([
      1,
      'unhealthy',
      { state: 'unreachable', reason: 'no answer within 2.5 s' },
    ]);
    await vi.waitFor(async () => {
      const gateway = await ask('client-service', '/health');
      expect(gateway).toMatchObject({ status: 503, state: 'unready', dependencies: { 'command-service': { state: 'down' } } });
      expect(gateway.dependencies['background work']?.reason).toMatch(/process manager fulfilment orphaned/);
    }, waiting);
    await untilAnswers('query-service', 200);
  });

  test('a query-service: its projections are orphaned', async () => {
    await stop('query-service');
    await vi.waitFor(async () => {
      const { code, projections } = await look();
      expect([code, new Set(projections?.map(({ state }) => state))]).toEqual([1, new Set(['orphaned'])]);
    }, waiting);
    await untilAnswers('client-service', 503);
    await untilAnswers('command-service', 200);
  });

  test('a gateway: it is a row, from here and from elsewhere', async () => {
    await stop('client-service');
    expect(serviceIn(await look(), 'client-service')).toMatchObject({ state: 'unreachable' });
    await untilAnswers('command-service', 200);
  });
});

test('a gateway is asked from elsewhere, and one that does not answer is a row there, too', async () => {
  const remote = await look('--remote', url('client-service', ''), '--wait');
  expect([remote.code, remote.state, remote.services.map(({ name }) => name)]).toEqual([
    0,
    'healthy',
    ['client-service', 'command-service', 'query-service'],
  ]);
  const nowhere = await look('--remote', 'http://127.0.0.1:9');
  expect([nowhere.code, nowhere.services]).toMatchObject([1, [{ name: 'client-service', state: 'unreachable' }]]);
});

test('kiroku status shows the same, with the processes, and waits for no longer than it may', async () => {
  await stop('query-service');
  await vi.waitFor(async () => {
    const started = performance.now();
    const { code, stdout } = await kiroku(shop, 'status', '--wait', '--timeout', '1');
    expect(code).toBe(1);
    expect(performance.now() - started).toBeLessThan(30_000);
    expect(stdout).toMatch(/query-service +unreachable +http.*: no answer within 2\.5 s/);
    expect(stdout).toMatch(/command-service +\w+ .*process \d+/);
    expect(stdout).toMatch(/timers of fulfilment +running/);
  }, waiting);
});

describe('in a process that lives', () => {
  test('a timer loop that hangs is stalled', async () => {
    {
      await using _hanging = await holding('command_db', 'begin', 'lock table kiroku.process_instances in exclusive mode');
      await shop.askDatabase(
        `insert into kiroku.process_timers (process_manager, instance, name, id, due_at, metadata)
         values ('fulfilment', 'nobody', 'overdue', gen_random_uuid(), clock_timestamp(), '{}')`,
        'command_db',
      );
      await vi.waitFor(async () => {
        const { dependencies } = await ask('command-service', '/health');
        expect(dependencies['timers of fulfilment']).toMatchObject({
          state: 'down',
          reason: expect.stringMatching(/^stalled: a timer has been due for/),
        });
      }, waiting);
      await untilAnswers('command-service', 200); // commands are taken all the same
      expect((await look()).code).toBe(1);
    }
    await shop.askDatabase(`delete from kiroku.process_timers where instance = 'nobody'`, 'command_db');
  });

  test('a job that no process takes is told', async () => {
    await shop.askDatabase(
      `insert into kiroku.jobs (id, verb, arguments, created_by, state) values (gen_random_uuid(), 'unknown verb', '{}', 'ada', 'queued')`,
      'command_db',
    );
    await vi.waitFor(async () => {
      const jobs = workIn(await look(), 'jobs');
      expect(jobs).toMatchObject({ state: 'stalled', reason: expect.stringMatching(/^job .* \(unknown verb\) has waited/) });
    }, waiting);
    await shop.askDatabase(`delete from kiroku.jobs where verb = 'unknown verb'`, 'command_db');
  });
});

describe('a service is not ready, but alive,', () => {
  test('while its database hangs, and a storm of requests opens no more connections', async () => {
    const count = `select count(*) as all from pg_stat_activity where application_name like 'kiroku-%-health'`;
    const before = (await shop.askDatabase(count)).rows[0]?.all;
    await stop('PostgreSQL');
    await vi.waitFor(async () => {
      const answers = await Promise.all(services.slice(1).map((service) => ask(service)));
      expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
    }, waiting);
    await Promise.all(Array.from({ length: 100 }, () => ask('command-service', '/health')));
    for (const service of services) expect((await ask(service, '/health/live')).status).toBe(200);
    await vi.waitFor(async () => {
      const scrapes = await Promise.all(services.slice(1).map((service) => scrape(url(service, ''))));
      // what was found less than 3 s ago is told still
      expect(scrapes.map((told) => told.sum('kiroku_dependency_up', { dependency: 'event_store' }))).toEqual([0, 0, 0]);
      expect(scrapes.every(({ names }) => names.has('kiroku_host_memory_bytes'))).toBe(true);
    }, waiting);
    expect((await look()).databases.map(({ reachable }) => reachable)).toEqual([false, false, false]);

    goOn();
    await Promise.all(Array.from({ length: 100 }, () => ask('command-service', '/health')));
    expect(Number((await shop.askDatabase(count)).rows[0]?.all)).toBeLessThanOrEqual(Number(before) + 8);
  });

  test('until PostgreSQL is back that was killed', async () => {
    const { supervisor, postgres } = await shop.processIds();
    pause(supervisor); // it starts PostgreSQL again when we have seen what we wanted to
    process.kill(postgres, 'SIGKILL');
    await untilAnswers('command-service', 503);
    expect((await ask('command-service', '/health/live')).status).toBe(200);
  });

  test('while its database is migrated', async () => {
    {
      await using _migrating = await holding('event_store', `select pg_advisory_lock(hashtextextended('kiroku.migrate', 0))`);
      await vi.waitFor(async () => {
        expect(await ask('command-service')).toMatchObject({
          status: 503,
          state: 'unready',
          dependencies: { event_store: { state: 'down', reason: expect.stringContaining('event_store is being migrated') } },
        });
      }, waiting);
      expect((await ask('command-service', '/health/live')).status).toBe(200);
    }
    await untilAnswers('command-service', 200);
  });

  test('while a version of a read model that it needs is not built', async () => {
    const { rows } = await shop.askDatabase(
      `select active_build from kiroku.projection_versions where projection = 'product-list'`,
      'query_db',
    );
    await shop.askDatabase(`update kiroku.projection_versions set active_build = null where projection = 'product-list'`, 'query_db');
    await vi.waitFor(async () => {
      const { status, dependencies } = await ask('query-service');
      expect([status, dependencies['read model product-list']?.reason]).toEqual([503, expect.stringContaining('it is being built')]);
    }, waiting);
    await shop.askDatabase(
      `update kiroku.projection_versions set active_build = ${rows[0]?.active_build} where projection = 'product-list'`,
      'query_db',
    );
  });

  test('while it drains: it answers what comes still, and then it is gone', async () => {
    const { services: pids } = await shop.processIds();
    process.kill(pids['query-service'] ?? 0, 'SIGTERM');
    await vi.waitFor(async () => expect(await ask('query-service')).toMatchObject({ status: 503, state: 'draining' }), {
      timeout: 8_000,
      interval: 20,
    });
    const asked = await fetch(url('query-service', '/queries/categoryTree'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"params":{}}',
    });
    expect(asked.status).toBe(200);
  });
});

test.each(['payment-simulator', 'command-service', 'query-service', 'client-service'])(
  '%s does not start on an address that others can reach',
  async (service) => {
    const env = {
      ...process.env,
      ...shop.environment,
      HOST: '0.0.0.0',
      DATABASE_URL: 'postgres://127.0.0.1:1/none',
      KIROKU_DATA_DIR: shop.dataDirectory,
    };
    const child = spawn(process.execPath, [join(root, `apps/${service}/bundle/main.js`)], {
      cwd: root,
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk) => (said += String(chunk)));
    const [code] = await once(child, 'close');
    expect([code, said]).toEqual([
      1,
      expect.stringMatching(/^ConfigurationInvalid: [\s\S]*HOST \("0\.0\.0\.0"\) is not a loopback address: [\s\S]*SSH tunnel/),
    ]);
  },
);

test('kiroku up does not start on such an address, nor anything of it', async () => {
  const dataDirectory = await ownDirectory();
  const { code, stderr } = await kiroku({ dataDirectory, environment: { ...(await ownPorts()), HOST: '::' } }, 'up');
  expect([code, stderr]).toEqual([1, expect.stringMatching(/HOST \("::"\) is not a loopback address/)]);
  await rm(dataDirectory, { recursive: true, force: true });
});
