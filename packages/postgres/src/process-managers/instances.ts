import type { InstanceStatus, JsonObject, ProcessChanges, ProcessInstance, TimerSetting } from '@kiroku/core';
import type pg from 'pg';
import { statement } from '../statement.ts';

interface InstanceRow {
  readonly instance: string;
  readonly state: JsonObject;
  readonly status: InstanceStatus;
  readonly failure: string | null;
}

/** Loads instances for a change; nobody else can change them until the transaction ends. With `free`, those that somebody is changing are left out. */
export async function lockInstances(
  client: pg.PoolClient,
  processManager: string,
  instances: readonly string[],
  free = false,
): Promise<Map<string, ProcessInstance>> {
  if (instances.length === 0) return new Map();
  const { rows } = await client.query<InstanceRow>({
    ...statement(free ? 'process_managers/lock_free_instances' : 'process_managers/lock_instances'),
    values: [processManager, instances],
  });
  return new Map(
    rows.map(({ instance, state, status, failure }) => [instance, { id: instance, state, status, ...(failure !== null && { failure }) }]),
  );
}

/** Writes instances, timers, commands on their way out, and history. */
export async function writeChanges(client: pg.PoolClient, processManager: string, changes: ProcessChanges): Promise<void> {
  const { instances, commands, timers = [], history = [] } = changes;
  const write = (name: string, values: unknown[]): Promise<unknown> => client.query({ ...statement(`process_managers/${name}`), values });
  if (instances.length > 0) await write('write_instances', [processManager, JSON.stringify(instances)]);
  if (commands.length > 0) await write('write_commands', [JSON.stringify(commands)]);
  if (history.length > 0) await write('write_history', [processManager, JSON.stringify(history)]);
  const done = new Set(instances.filter(({ status }) => status === 'done').map(({ id }) => id));
  const { set, cancelled } = latestTimers(timers.filter(({ instance }) => !done.has(instance)));
  if (cancelled.length > 0) {
    await write('cancel_timers', [processManager, cancelled.map(({ instance }) => instance), cancelled.map(({ name }) => name)]);
  }
  if (set.length > 0) await write('write_timers', [processManager, JSON.stringify(set)]);
  if (done.size > 0) await write('cancel_all_timers', [processManager, [...done]]);
}

/** The last setting of each timer, as the statements take them, in the order of their keys: two writers must not wait for each other. */
function latestTimers(timers: readonly TimerSetting[]) {
  const latest = new Map(timers.map((timer) => [JSON.stringify([timer.instance, timer.name]), timer]));
  const ordered = [...latest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, timer]) => timer);
  return {
    cancelled: ordered.filter((timer) => 'cancel' in timer),
    set: ordered.flatMap((timer) => {
      if ('cancel' in timer) return [];
      const { due, ...rest } = timer;
      return ['at' in due ? { ...rest, dueAt: due.at } : { ...rest, dueInMs: due.inMs }];
    }),
  };
}
