import type { CommandOutcome, InstanceStatus, JsonObject, ProcessStep } from '@kiroku/core';
import { processManagerStoreContract, throwAwayDatabase } from '@kiroku/testing';
import { migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { PostgresProcessManagerStore } from './postgres-process-manager-store.ts';

interface InstanceRow {
  readonly id: string;
  readonly state: JsonObject;
  readonly status: InstanceStatus;
  readonly failure: string | null;
}
interface StepRow {
  readonly instance: string;
  readonly kind: ProcessStep['kind'];
  readonly what: string;
  readonly reference: string | null;
}
interface CommandRow {
  readonly outcome: CommandOutcome | null;
  readonly last_error: string | null;
}

processManagerStoreContract('PostgresProcessManagerStore', async () => {
  const database = await throwAwayDatabase('command_db', migrate);
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests' });
  return {
    store: new PostgresProcessManagerStore({ pool }),
    async instance(processManager, id) {
      const sql =
        'select instance as id, state, status, failure from kiroku.process_instances where process_manager = $1 and instance = $2';
      const { rows } = await pool.query<InstanceRow>(sql, [processManager, id]);
      return rows.map(({ failure, ...rest }) => ({ ...rest, ...(failure !== null && { failure }) }))[0];
    },
    async history(processManager, instance) {
      const sql =
        'select instance, kind, what, reference from kiroku.process_history where process_manager = $1 and instance = $2 order by number';
      const { rows } = await pool.query<StepRow>(sql, [processManager, instance]);
      return rows.map(({ reference, ...rest }) => ({ ...rest, ...(reference !== null && { reference }) }));
    },
    async command(id) {
      const { rows } = await pool.query<CommandRow>('select outcome, last_error from kiroku.outgoing_commands where id = $1', [id]);
      return rows.map(({ outcome, last_error }) => ({
        ...(outcome && { outcome }),
        ...(last_error !== null && { lastError: last_error }),
      }))[0];
    },
    async [Symbol.asyncDispose]() {
      await pool.end();
      await database[Symbol.asyncDispose]();
    },
  };
});
