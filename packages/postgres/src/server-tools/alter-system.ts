import pg from 'pg';
import { toKirokuError } from '../errors.ts';

/** Changes settings of a database's server for good, and has it read them; some count from its next start on. `url`: a superuser's. */
export async function alterSystem(url: string, settings: Readonly<Record<string, string>>): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'kiroku-backup' });
  try {
    await client.connect();
    for (const [name, value] of Object.entries(settings)) {
      await client.query(`alter system set ${client.escapeIdentifier(name)} = ${client.escapeLiteral(value)}`);
    }
    await client.query('select pg_reload_conf()');
  } catch (error) {
    throw toKirokuError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}
