import type { EventSchema, JsonObject, RegisteredSchema, SchemaRegistry } from '@kiroku/core';
import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';
import { statement } from '../statement.ts';
import { inTransaction } from '../transaction.ts';

interface SchemaRow {
  readonly type: string;
  readonly schema_version: number;
  readonly digest: string;
  readonly json_schema: JsonObject | null;
  readonly after_position: number;
  readonly first_seen: string;
  readonly last_seen: string;
}

/** The schema registry beside the log, in event_store. */
export class PostgresSchemaRegistry implements SchemaRegistry {
  readonly #pool: Pool;

  /** The pool, made with `createPool`, may be shared with the event store and is the caller's to end. */
  constructor({ pool }: { readonly pool: Pool }) {
    this.#pool = pool;
  }

  list(): Promise<readonly RegisteredSchema[]> {
    return listSchemas(this.#pool);
  }

  async register(judge: (known: readonly RegisteredSchema[]) => readonly EventSchema[]): Promise<void> {
    await inTransaction(this.#pool, 'begin', async (client) => {
      await client.query(statement('schema_registry/lock_registry'));
      const schemas = judge(await listSchemas(client));
      await client.query({ ...statement('schema_registry/record_schemas'), values: columnsOf(schemas) });
    });
  }

  async findNewer({
    type,
    version,
    after,
  }: {
    readonly type: string;
    readonly version: number;
    readonly after: number;
  }): Promise<number | undefined> {
    const [found] = await rowsOf<{ position: number }>(this.#pool, 'schema_registry/find_newer_event', [type, version, after]);
    return found?.position;
  }
}

async function listSchemas(connection: Pick<Pool, 'query'>): Promise<readonly RegisteredSchema[]> {
  return (await rowsOf<SchemaRow>(connection, 'schema_registry/list_schemas')).map(toRegisteredSchema);
}

function toRegisteredSchema(row: SchemaRow): RegisteredSchema {
  return {
    type: row.type,
    version: row.schema_version,
    digest: row.digest,
    jsonSchema: row.json_schema ?? undefined,
    after: row.after_position,
    firstSeen: row.first_seen,
    lastSeen: row.last_seen,
  };
}

function columnsOf(schemas: readonly EventSchema[]): unknown[] {
  return [
    schemas.map(({ type }) => type),
    schemas.map(({ version }) => version),
    schemas.map(({ digest }) => digest),
    schemas.map(({ jsonSchema }) => jsonSchema && JSON.stringify(jsonSchema)),
  ];
}
