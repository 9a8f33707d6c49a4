import { OperationsClient } from '@kiroku/client';
import type { BuildStatus, ParkedKey, VersionStatus } from '@kiroku/core';
import type { ProjectionStores } from '@kiroku/operations';
import { createApp, createLogger, Health } from '@kiroku/service';
import { InMemoryEventStore, InMemoryJobStore, InMemoryOperatorAudit } from '@kiroku/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { operationsApi } from './operations-api.ts';

const at = '2026-11-24T10:00:00.000Z';
const build: BuildStatus = {
  projection: 'sales',
  version: 1,
  build: 1,
  state: 'ready',
  active: true,
  log: { id: 'l', timeline: 1 },
  partitions: [{ partition: 0, position: 0, movedAt: at, epoch: 3, owner: 'query-service a:1', stalled: { reason: 'no', since: at } }],
  parkedKeys: 1,
  createdAt: at,
  readyAt: at,
};
const kept: BuildStatus = { ...build, build: 2, active: false, parkedKeys: 0 };
const parkedKey: ParkedKey = {
  projection: 'sales',
  version: 1,
  build: 1,
  partition: 0,
  table: 'day',
  keyText: '2026-11-24',
  key: { day: '2026-11-24' },
  position: 7,
  eventType: 'OrderPlaced',
  fault: { code: 'TypeError', message: 'no lines', stack: 'TypeError: no lines\n at fold' },
  events: 2,
  attempts: 1,
  parkedAt: at,
  triedAt: at,
};

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const app of opened.splice(0)) await app.close();
});

/** The API over one projection with one parked key and a build to go back to, and its client. */
async function serve({ reason }: { readonly reason?: string } = {}) {
  let version: VersionStatus = { projection: 'sales', version: 1, activeBuild: 1, previousBuild: 2, builds: [build, kept], instances: [] };
  let parked = [parkedKey];
  const audit = new InMemoryOperatorAudit();
  const jobs = new InMemoryJobStore({ audit });
  const log = new InMemoryEventStore();
  const projection = {
    kind: 'fold' as const,
    name: 'sales',
    version: 1,
    tables: {},
    partitions: 1,
    eventTypes: [],
    upcast: (event: never) => event,
  };
  const builds: Partial<ProjectionStores['builds']> = {
    versions: async (name) => (name === undefined || name === 'sales' ? [version] : []),
    parkedKeys: async () => parked,
    switchTo: async ({ build: to }) => {
      version = { ...version, activeBuild: to, previousBuild: 3 - to };
    },
    retire: async ({ build: gone }) => {
      version = { ...version, builds: version.builds.filter((one) => one.build !== gone) };
    },
    setPaused: async (_, paused) => {
      const { pausedAt: _was, ...running } = version;
      version = paused ? { ...running, pausedAt: at } : running;
    },
  };
  const projections: ProjectionStores = {
    application: { projections: [projection] },
    log,
    events: log,
    builds: builds as ProjectionStores['builds'], // what these routes use of it
    parked: {
      parked: async () => (parked.length === 0 ? undefined : { ...parkedKey, partitions: 1, checkpoints: [8], positions: [7, 8] }),
      settleParked: async () => {
        parked = [];
      },
    },
    jobs,
    audit,
    tableSizes: async () => [{ table: 'day', rows: { count: 3, estimated: false }, tableBytes: 8_192, indexBytes: 0 }],
    requireDeclaredTables: async () => undefined,
  };
  const health = new Health({ service: 'client-service', instance: 'test' });
  health.ready();
  const logger = createLogger({ service: 'client-service', instance: 'test', level: 'silent', format: 'json' });
  const app = createApp({ logger, health });
  opened.push(app);
  await app.register(operationsApi, { prefix: '/operations', stores: { jobs, audit }, projections });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return { client: new OperationsClient({ url, operator: { name: 'ada', ...(reason !== undefined && { reason }) } }) };
}

describe('the operations API on projections', () => {
  it('tells how they are', async () => {
    const { client } = await serve();
    expect(await client.listProjections()).toMatchObject([
      { projection: 'sales', version: 1, state: 'stalled', reason: expect.any(String), owners: ['query-service a:1'], parkedKeys: 1 },
    ]);
    expect(await client.showProjection('sales')).toMatchObject({
      projection: 'sales',
      head: 0,
      versions: [
        {
          builds: [{ partitions: [{ epoch: 3, stalled: { reason: 'no' }, lag: { events: 0 } }], tables: [{ table: 'day' }] }, { build: 2 }],
        },
      ],
      parked: [parkedKey],
    });
  });

  it('says which name was probably meant', async () => {
    const { client } = await serve();
    await expect(client.showProjection('sale')).rejects.toMatchObject({ code: 'NotFound', message: expect.stringContaining('"sales"') });
  });

  it('pauses and resumes them, and the audit log says who did', async () => {
    const { client } = await serve();
    expect(await client.pauseProjections({ names: ['sales'], paused: true })).toEqual([
      { projection: 'sales', version: 1, unchanged: false },
    ]);
    expect(await client.listProjections()).toMatchObject([{ state: 'paused' }]);
    await client.pauseProjections({ names: ['sales'], paused: false });
    expect((await client.listActions({ limit: 9 })).map(({ operator, verb }) => [operator, verb])).toEqual([
      ['ada', 'projection resume'],
      ['ada', 'projection pause'],
    ]);
  });

  it('starts rebuilds and verifications as jobs for whoever has the code, and the audit log says who did at once', async () => {
    const { client } = await serve();
    expect(await client.rebuildProjections({ projections: ['sales'], fromEventNumber: 7 })).toMatchObject({
      verb: 'projection rebuild',
      state: 'queued',
      createdBy: 'ada',
      arguments: { projections: [{ name: 'sales', version: 1 }], fromEventNumber: 7 },
    });
    expect(await client.verifyProjections({ projections: 'all', fix: true, incremental: true, maxRate: 500 })).toMatchObject({
      verb: 'projection verify',
      arguments: { projections: [{ name: 'sales', version: 1 }], fix: true, incremental: true, maxRate: 500 },
    });
    expect(await client.listActions({ limit: 9 })).toMatchObject([
      { operator: 'ada', source: 'operations API', verb: 'projection verify', arguments: { fix: true } },
      { operator: 'ada', source: 'operations API', verb: 'projection rebuild', arguments: { fromEventNumber: 7 } },
    ]);
    expect(await client.planRebuild({ projections: 'all', noSwitch: true, maxRate: 500 })).toMatchObject({
      arguments: { projections: [{ name: 'sales', version: 1 }], noSwitch: true, maxRate: 500 },
      projections: [{ activeBuild: 1, rows: 3, bytes: 8_192 }],
      events: 0,
      passes: 1,
    });
    await expect(client.planRebuild({ projections: ['sales'], fromEventNumber: 7 })).rejects.toMatchObject({ code: 'BadRequest' });
    await expect(client.rebuildProjections({ projections: ['sale'] })).rejects.toMatchObject({ code: 'NotFound' });
    await expect(client.rebuildProjections({ projections: ['sales'], fromEventNumber: 0 })).rejects.toMatchObject({ code: 'BadRequest' });
  });

  it('switches, goes back and retires, and the audit log says who did', async () => {
    const { client } = await serve();
    expect(await client.planSwitch('sales', { build: 2 })).toEqual({ name: 'sales', version: 1, from: 1, to: 2 });
    expect(await client.planRollback('sales')).toMatchObject({ from: 1, to: 2 });
    expect(await client.planRetire('sales', { build: 2 })).toMatchObject({ builds: [{ build: 2, tables: 1, bytes: 8_192 }] });
    expect(await client.listActions({ limit: 9 })).toEqual([]);
    expect(await client.switchProjection('sales', { build: 2 })).toEqual({ name: 'sales', version: 1, from: 1, to: 2 });
    expect(await client.rollbackProjection('sales')).toEqual({ name: 'sales', version: 1, from: 2, to: 1 });
    expect(await client.retireProjection('sales', { build: 2 })).toMatchObject({ name: 'sales', version: 1, builds: [{ build: 2 }] });
    await expect(client.switchProjection('sales', { build: 2 })).rejects.toMatchObject({ code: 'NotFound' });
    expect((await client.listActions({ limit: 9 })).map(({ verb, operator }) => [verb, operator])).toEqual([
      ['projection retire', 'ada'],
      ['projection rollback', 'ada'],
      ['projection switch', 'ada'],
    ]);
  });

  it('lists and discards parked keys, for a reason', async () => {
    const discard = { projection: 'sales', verb: 'discard', keys: ['day/2026-11-24'] } as const;
    await expect((await serve()).client.settleParkedKeys(discard)).rejects.toMatchObject({ code: 'BadRequest' });
    const { client } = await serve({ reason: 'ticket 7' });
    expect(await client.listParkedKeys({ projection: 'sales', limit: 5 })).toEqual([parkedKey]);
    expect(await client.settleParkedKeys(discard)).toEqual([{ build: 1, key: 'day/2026-11-24', outcome: 'free', events: 2 }]);
    expect(await client.listParkedKeys({ limit: 5 })).toEqual([]);
  });
});
