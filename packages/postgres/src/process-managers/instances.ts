import type { InstanceStatus, JsonObject, ProcessChanges, ProcessInstance } from '@kiroku/core';
import type pg from 'pg';
import { statement } from '../statement.ts';

interface InstanceRow {
  readonly instance: string;
  readonly state: JsonObject;
  readonly status: InstanceStatus;
  readonly failure: string | null;
}

/** Loads instances for a change; nobody else can change them until the transaction ends. */
export async function lockInstances(
  client: pg.PoolClient,
  processManager: string,
  instances: readonly string[],
): Promise<Map<string, ProcessInstance>> {
  if (instances.length === 0) return new Map();
  const { rows } = await client.query<InstanceRow>({
    ...statement('process_managers/lock_instances'),
    values: [processManager, instances],
  });
  return new Map(
    rows.map(({ instance, state, status, failure }) => [instance, { id: instance, state, status, ...(failure !== null && { failure }) }]),
  );
}

/** Writes instances, commands on their way out, and history. */
export async function writeChanges(client: pg.PoolClient, processManager: string, changes: ProcessChanges): Promise<void> {
  const { instances, commands, history = [] } = changes;
  const write = (name: string, values: unknown[]): Promise<unknown> => client.query({ ...statement(name), values });
  if (instances.length > 0) await write('process_managers/write_instances', [processManager, JSON.stringify(instances)]);
  if (commands.length > 0) await write('process_managers/write_commands', [JSON.stringify(commands)]);
  if (history.length > 0) await write('process_managers/write_history', [processManager, JSON.stringify(history)]);
}
