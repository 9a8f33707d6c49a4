import pg from 'pg';
import { toKirokuError } from '../errors.ts';
import { statement } from '../statement.ts';

/** What tools have to know of a server. */
export interface ServerFacts {
  /** E.g. `17.12`. */
  readonly version: string;
  readonly major: number;
  readonly port: number;
  readonly archiveMode: string;
  readonly walLevel: string;
  /** Whether the connected role may read every table. */
  readonly mayReadAll: boolean;
  /** Only superusers are told: the rest of what programs on the server's own host need. */
  readonly local?: LocalFacts;
}

/** Where a server has its files. */
export interface LocalFacts {
  readonly dataDirectory: string;
  readonly socketDirectory: string;
  readonly configFile: string;
  readonly hbaFile: string;
}

/** Looks at the server of a database. Throws `DatabaseUnavailable`. */
export async function readServerFacts(url: string): Promise<ServerFacts> {
  const client = new pg.Client({ connectionString: url, application_name: 'kiroku-backup', connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
    const { rows } = await client.query<FactsRow>(statement('server_tools/read_facts').text);
    const [row] = rows;
    if (row === undefined) throw new Error('the server told nothing of itself');
    return {
      version: row.version,
      major: Math.floor(Number(row.version_number) / 10_000),
      port: Number(row.port),
      archiveMode: row.archive_mode,
      walLevel: row.wal_level,
      mayReadAll: row.may_read_all,
      ...(row.local !== null && { local: row.local }),
    };
  } catch (error) {
    throw toKirokuError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

interface FactsRow {
  readonly version: string;
  readonly version_number: string;
  readonly port: string;
  readonly archive_mode: string;
  readonly wal_level: string;
  readonly may_read_all: boolean;
  readonly local: LocalFacts | null;
}
