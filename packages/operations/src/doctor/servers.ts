import { databaseNames, type Pool, rowsOf } from '@kiroku/postgres';
import type { Patient } from './patient.ts';

/** A server of PostgreSQL, by the databases on it: `event_store, command_db`. */
export interface Server {
  readonly name: string;
  readonly pool: Pool;
}

/** The servers that the three databases are on, each once. */
export async function serversOf({ pools }: Pick<Patient, 'pools'>): Promise<readonly Server[]> {
  const byId = new Map<string, { names: string[]; pool: Pool }>();
  for (const database of databaseNames) {
    const [server] = await rowsOf<{ id: string }>(pools[database], 'doctor/read_server');
    const id = server?.id ?? database;
    const known = byId.get(id) ?? { names: [], pool: pools[database] };
    known.names.push(database);
    byId.set(id, known);
  }
  return [...byId.values()].map(({ names, pool }) => ({ name: `server of ${names.join(', ')}`, pool }));
}
