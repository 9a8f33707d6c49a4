import { databaseNames, type Pool, rowsOf } from '@kiroku/postgres';
import { foundInEach } from './parts-of-check.ts';
import type { Found, Patient, Unseen } from './patient.ts';

/** A server of PostgreSQL, by the databases on it: `event_store, command_db`. */
export interface Server {
  readonly name: string;
  readonly pool: Pool;
}

/** What is found on the servers that the three databases are on, each once. */
export async function foundOnServers(
  { pools }: Pick<Patient, 'pools'>,
  judge: (server: Server) => Promise<readonly Found[]>,
): Promise<readonly Found[]> {
  const byId = new Map<string, { names: string[]; pool: Pool }>();
  const unseen: Unseen[] = [];
  for (const database of databaseNames) {
    try {
      const [server] = await rowsOf<{ id: string }>(pools[database], 'doctor/read_server');
      const id = server?.id ?? database;
      const known = byId.get(id) ?? { names: [], pool: pools[database] };
      known.names.push(database);
      byId.set(id, known);
    } catch (error) {
      unseen.push({ unseen: error });
    }
  }
  const servers = [...byId.values()].map(({ names, pool }) => ({ name: `server of ${names.join(', ')}`, pool }));
  return [...(await foundInEach(servers.map(judge))), ...unseen];
}
