import { besideDatabase } from '../dump/neighbour-databases.ts';
import { statement } from '../statement.ts';

/** Makes the platform's roles, which cannot log in yet, on the server of a database. Changes nothing that is already so. */
export async function ensureRoles(url: string): Promise<void> {
  await besideDatabase(url, (client) => client.query(statement('migrate/create_roles').text));
}
