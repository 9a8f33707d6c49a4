import { createHash } from 'node:crypto';
import { type Aggregate, type EventSchema, jsonSchemaOf, KirokuError, type RegisteredSchema, type SchemaRegistry } from '@kiroku/core';
import { canonicalJson } from '../handle-command/canonical-json.ts';
import { explainBroken, findBroken } from './judge-schemas.ts';

export interface RegisterSchemasOptions {
  /** Whose events this process writes. */
  readonly aggregates: readonly Aggregate[];
  readonly registry: SchemaRegistry;
}

/** What came of it. */
export interface SchemaRegistration {
  /** How many event types this code writes. */
  readonly count: number;
  /** Types whose schema has no JSON Schema, so that its changes go unnoticed. */
  readonly undescribed: readonly string[];
}

/**
 * Registers the schemas of the events this code writes; do it before the first append. Throws `SchemaChanged` if events already stored may not
 * fit one of them, and `EventsTooNew` if the log has events of a newer version of one of them.
 */
export async function registerSchemas({ aggregates, registry }: RegisterSchemasOptions): Promise<SchemaRegistration> {
  const present = schemasOf(aggregates);
  await requireNoneNewer(registry, present);
  await registry.register((known) => {
    const broken = findBroken(known, present);
    if (broken.length > 0) throw new KirokuError('SchemaChanged', explainBroken(broken), { details: { broken } });
    return present;
  });
  return { count: present.length, undescribed: present.filter(({ jsonSchema }) => jsonSchema === undefined).map(({ type }) => type) };
}

function schemasOf(aggregates: readonly Aggregate[]): readonly EventSchema[] {
  return aggregates.flatMap(({ events }) =>
    Object.entries(events).map(([type, { schema, version = 1 }]) => {
      const jsonSchema = jsonSchemaOf(schema);
      const digest = createHash('sha256')
        .update(canonicalJson(jsonSchema ?? null))
        .digest('hex');
      return { type, version, jsonSchema, digest };
    }),
  );
}

/** Newer code may have started here and been rolled back: that is no harm as long as it has written nothing this code cannot read. */
async function requireNoneNewer(registry: SchemaRegistry, present: readonly EventSchema[]): Promise<void> {
  const known = await registry.list();
  for (const { type, version } of present) {
    const newer = known.filter((each) => each.type === type && each.version > version);
    if (newer.length === 0) continue;
    const position = await registry.findNewer({ type, version, after: Math.min(...newer.map(({ after }) => after)) });
    if (position !== undefined) throw tooNew({ type, version }, newer, position);
  }
}

function tooNew(present: Pick<EventSchema, 'type' | 'version'>, newer: readonly RegisteredSchema[], position: number): KirokuError {
  const { type, version } = present;
  const newest = Math.max(...newer.map((each) => each.version));
  return new KirokuError(
    'EventsTooNew',
    `This code writes ${type} at schema version ${version}, but event ${position} of the log was written by newer code, which has gone up to version ${newest}. This code could not read it and would write data of an outdated shape. Deploy the newer code.`,
    { details: { type, version, newest, position } },
  );
}
