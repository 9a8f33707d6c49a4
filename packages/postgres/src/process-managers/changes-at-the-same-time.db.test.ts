import { type ProcessChanges, type ProcessInstance, reject, type Settlement } from '@kiroku/core';
import { throwAwayDatabase } from '@kiroku/testing';
import { describe, expect, test, vi } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { PostgresProcessManagerStore } from './postgres-process-manager-store.ts';

const name = 'booking';
const log = { id: '0199f0a0-0000-7000-8000-000000000001', timeline: 1 };
const id = '0199f0a0-0000-7000-8000-000000000101';
const [pay, book] = [id, '0199f0a0-0000-7000-8000-000000000102'].map((each) => {
  return { id: each, processManager: name, instance: 't', type: 'Pay', data: {}, metadata: {} };
}) as [Settlement['command'], Settlement['command']];
const running: ProcessInstance = { id: 't', state: { step: 1 }, status: 'running' };
const none: ProcessChanges = { instances: [], commands: [] };
const changed = `update kiroku.process_instances set state = '{"step": 2}'`;

describe('while somebody else is changing it', () => {
  test('an instance is waited for, and seen as it is then, by a turn and by an operator', async () => {
    await using given = await begun();
    const { store, partitions } = given;
    const seen: unknown[] = [];
    const turn = { processManager: name, partitions, position: 2, instances: ['t'] };
    await given.during(changed, () =>
      store.advance({
        ...turn,
        react: (stored) => {
          seen.push(stored.get('t')?.state);
          return none;
        },
      }),
    );
    await given.during(changed.replace('2', '3'), () =>
      store.intervene({
        processManager: name,
        instance: 't',
        react: ({ state }) => {
          seen.push(state);
          return none;
        },
      }),
    );
    expect(seen).toEqual([{ step: 2 }, { step: 3 }]);
  });

  test('an instance keeps its timers for the next look', async () => {
    await using given = await begun();
    const { store } = given;
    const fire = () => store.fire({ processManager: name, limit: 10, react: () => none });
    await given.during(changed, async () => expect((await fire()).fired).toBe(0));
    expect((await fire()).fired).toBe(1);
  });

  test('a command is settled once', async () => {
    await using given = await begun();
    const react = vi.fn(() => none);
    const settlements = [{ command: pay, outcome: { accepted: false as const, rejection: reject('No', 'no') } }];
    const batch = { processManager: name, partitions: [], position: 0, instances: [], settlements, react };
    const settled = `update kiroku.outgoing_commands set outcome = '{}', settled_at = now() where id = '${pay.id}'`;
    await given.during(settled, () => given.store.advance(batch));
    expect(react).not.toHaveBeenCalled();
  });

  test('a command is left to who is claiming it', async () => {
    await using given = await begun();
    const claim = () => given.store.claim({ limit: 10, leaseMs: 60_000 });
    const locked = `select from kiroku.outgoing_commands where id = '${pay.id}' for update`;
    await given.during(locked, async () => expect((await claim()).map((each) => each.id)).toEqual([book.id]));
  });

  test('a partition is not moved by who has lost it meanwhile', async () => {
    await using given = await begun();
    const { store, partitions } = given;
    const lost = 'update kiroku.process_partitions set epoch = epoch + 1';
    const moving = () => store.advance({ processManager: name, partitions, position: 2, instances: [], react: () => none });
    await given.during(lost, () => expect(moving()).rejects.toMatchObject({ code: 'LeaseLost' }));
    expect(await store.checkpoint(name)).toBe(1);
  });
});

/** An instance with two commands on their way and a timer that is due. */
async function begun() {
  const database = await throwAwayDatabase('command_db', migrate);
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests' });
  const store = new PostgresProcessManagerStore({ pool });
  await store.prepare(name, log);
  const leases = await store.attend({ instance: 'test', processManagers: [name], leaseMs: 60_000 });
  const timers = [{ instance: 't', name: 'timeout', id, metadata: {}, due: { inMs: 0 } }];
  const react = () => ({ instances: [running], commands: [pay, book], timers });
  const from = leases.map((lease) => ({ lease, after: 0 }));
  await store.advance({ processManager: name, partitions: from, position: 1, instances: [], react });
  const owner = createPool({ url: database.url, applicationName: 'kiroku-tests', max: 1 });
  return {
    store,
    partitions: leases.map((lease) => ({ lease, after: 1 })),
    /** Does something in the middle of another transaction: it ends, or waits for that. */
    during: async (sql: string, work: () => Promise<unknown>) => {
      const client = await owner.connect();
      await client.query('begin');
      await client.query(sql);
      const working = work();
      await Promise.race([working, new Promise((resolve) => setTimeout(resolve, 200))]);
      await client.query('commit');
      client.release();
      await working;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([pool.end(), owner.end()]);
      await database[Symbol.asyncDispose]();
    },
  };
}
