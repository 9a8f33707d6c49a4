import { type ProcessChanges, type ProcessInstance, reject, type Settlement } from '@kiroku/core';
import { throwAwayDatabase } from '@kiroku/testing';
import { describe, expect, test, vi } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { statement } from '../statement.ts';
import { PostgresProcessManagerStore } from './postgres-process-manager-store.ts';

const name = 'booking';
const log = { id: '0199f0a0-0000-7000-8000-000000000001', timeline: 1 };
const id = '0199f0a0-0000-7000-8000-000000000101';
const [pay, book] = [id, '0199f0a0-0000-7000-8000-000000000102'].map((each) => {
  return { id: each, processManager: name, instance: 't', type: 'Pay', data: {}, metadata: {} };
}) as [Settlement['command'], Settlement['command']];
const running: ProcessInstance = { id: 't', state: { step: 1 }, status: 'running' };
const none: ProcessChanges = { instances: [], commands: [] };
/** A batch that records outcomes, and moves no partition. */
const outcomesOf = (commands: readonly Settlement['command'][]) => {
  const settlements = commands.map((command) => ({ command, outcome: { accepted: true as const, position: 1 } }));
  return { processManager: name, partitions: [], position: 0, instances: [], settlements };
};
type Given = Awaited<ReturnType<typeof begun>>;
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

  test('an instance is not waited for by whose partition is lost', async () => {
    await using given = await begun();
    const { store, partitions } = given;
    const lost = partitions.map(({ lease, after }) => ({ lease: { ...lease, epoch: lease.epoch - 1 }, after }));
    const settlements = [{ command: pay, outcome: { accepted: true as const, position: 1 } }];
    const batch = { processManager: name, partitions: lost, position: 2, instances: ['t'], react: () => none };
    const inUse = 'select from kiroku.process_instances, kiroku.outgoing_commands for update';
    const moving = async () => {
      await expect(store.advance(batch)).rejects.toMatchObject({ code: 'LeaseLost' });
      await expect(store.advance({ ...batch, instances: [], settlements })).rejects.toMatchObject({ code: 'LeaseLost' });
    };
    await given.beside(inUse, moving);
  });

  test('an instance is not forgotten, nor waited for to forget others', async () => {
    await using given = await begun();
    const react = () => ({
      instances: ['u', 'v'].map((instance) => ({ ...running, id: instance, status: 'done' as const })),
      commands: [],
    });
    await given.store.advance({ processManager: name, partitions: given.partitions, position: 2, instances: [], react });
    const resumed = "update kiroku.process_instances set status = 'running', ended_at = null where instance = 'u'";
    const prune = async () => expect(await given.store.prune({ doneForDays: 0, limit: 10 })).toBe(1);
    await given.beside(resumed, prune);
  });

  test('a parked command that somebody is retrying is not forgotten', async () => {
    await using given = await begun();
    const { store, partitions } = given;
    for (const command of await store.claim({ limit: 10, leaseMs: 60_000 })) await store.giveBack({ command, error: 'no' });
    const done: ProcessChanges = { instances: [{ ...running, status: 'done' }], commands: [] };
    await store.advance({ processManager: name, partitions, position: 2, instances: [], react: () => done });
    const retried = `update kiroku.outgoing_commands set due_at = now() where id = '${pay.id}'`;
    await given.during(retried, () => store.prune({ doneForDays: 0, limit: 10 }));
    expect((await store.claim({ limit: 10, leaseMs: 60_000 })).map((each) => each.id)).toEqual([pay.id]);
  });

  test('an instance whose parked command somebody is changing is not forgotten, nor waited for: each would wait for the other', async () => {
    await using given = await begun();
    const { store, partitions } = given;
    for (const command of await store.claim({ limit: 10, leaseMs: 60_000 })) await store.giveBack({ command, error: 'no' });
    const done: ProcessChanges = { instances: [{ ...running, status: 'done' }], commands: [] };
    await store.advance({ processManager: name, partitions, position: 2, instances: [], react: () => done });
    const prune = async () => void (await store.prune({ doneForDays: 0, limit: 10 }));
    const settling = `update kiroku.outgoing_commands set outcome = '{}', settled_at = now() where id = '${pay.id}'`;
    await given.crossing([settling, 'select from kiroku.process_instances for update'], prune);
    expect((await given.owner.query('select from kiroku.process_instances where pruned_at is null')).rowCount).toBe(1);
  });

  test.each<[string, (given: Given) => Promise<unknown>]>([
    ['retried', ({ store }) => store.intervene({ processManager: name, instance: 't', react: () => none, retryParked: true })],
    ['settled', ({ store }) => store.advance({ ...outcomesOf([book, pay]), react: () => none })],
    ['kept', ({ store }) => store.renew({ commands: [book, pay].map((command) => ({ ...command, attempts: 1 })), leaseMs: 60_000 })],
    ['kept back', ({ owner }) => owner.query({ ...statement('doctor/fail_instances'), values: [name, ['t'], 'gone'] })],
    ['removed, being of nothing,', ({ owner }) => owner.query(statement('doctor/delete_orphans'))],
  ])('commands are %s in the order of their ids, and before their instance', async (what, change) => {
    await using given = await begun([book, pay]);
    const claimed = await given.store.claim({ limit: 10, leaseMs: 60_000 });
    if (what === 'retried') for (const command of claimed) await given.store.giveBack({ command, error: 'no' });
    if (what.startsWith('removed')) await given.owner.query('delete from kiroku.process_instances');
    const lock = ({ id: one }: { readonly id: string }) => `select from kiroku.outgoing_commands where id = '${one}' for update`;
    await given.crossing([lock(pay), lock(book), 'select from kiroku.process_instances for update'], () => change(given));
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
async function begun(commands = [pay, book]) {
  const database = await throwAwayDatabase('command_db', migrate);
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests' });
  const store = new PostgresProcessManagerStore({ pool });
  await store.prepare(name, log);
  const leases = await store.attend({ instance: 'test', processManagers: [name], leaseMs: 60_000 });
  const timers = [{ instance: 't', name: 'timeout', id, metadata: {}, due: { inMs: 0 } }];
  const react = () => ({ instances: [running], commands, timers });
  const from = leases.map((lease) => ({ lease, after: 0 }));
  await store.advance({ processManager: name, partitions: from, position: 1, instances: [], react });
  const owner = createPool({ url: database.url, applicationName: 'kiroku-tests', max: 2 });
  return {
    store,
    owner,
    partitions: leases.map((lease) => ({ lease, after: 1 })),
    /** Does something in the middle of another transaction: it ends, or waits for that. */
    during: async (sql: string, work: () => Promise<unknown>) => {
      const client = await owner.connect();
      await client.query('begin');
      await client.query(sql);
      const working = work();
      await Promise.race([working.catch(() => undefined), new Promise((resolve) => setTimeout(resolve, 200))]);
      await client.query('commit');
      client.release();
      await working;
    },
    /** Does something while another transaction makes one step after the other: neither is ended because they wait for each other. */
    crossing: async ([first = '', ...steps]: readonly string[], work: () => Promise<unknown>) => {
      const client = await owner.connect();
      await client.query('begin');
      await client.query(first);
      const working = Promise.allSettled([work()]);
      await Promise.race([working, new Promise((resolve) => setTimeout(resolve, 200))]);
      const taking = async () => {
        for (const step of steps) await client.query(step);
        await client.query('commit');
      };
      const faults = await Promise.allSettled([taking()]);
      if (faults[0]?.status === 'rejected') await client.query('rollback');
      client.release();
      expect([...faults, ...(await working)].flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))).toEqual([]);
    },
    /** Does something that waits for nothing of another transaction: that one would be ended, and could not commit. */
    beside: async (sql: string, work: () => Promise<unknown>) => {
      const client = await owner.connect();
      client.on('error', () => undefined);
      await client.query("begin; set local idle_in_transaction_session_timeout = '20s'");
      await client.query(sql);
      try {
        await work();
      } finally {
        await client.query('commit').finally(() => {
          client.release(true);
        });
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([pool.end(), owner.end()]);
      await database[Symbol.asyncDispose]();
    },
  };
}
