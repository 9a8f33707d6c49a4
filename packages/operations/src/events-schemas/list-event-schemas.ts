import type { RegisteredSchema } from '@kiroku/core';
import { createPool, PostgresSchemaRegistry } from '@kiroku/postgres';
import { connectionUrls, type Installation } from '../config/installation.ts';

/** The event schemas that code has been started with, by type, version and first start; of one type only, if it is given. */
export async function listEventSchemas(installation: Installation, type?: string): Promise<readonly RegisteredSchema[]> {
  const url = (await connectionUrls(installation, 'service')).event_store;
  await using pool = createPool({ url, applicationName: 'kiroku-cli', max: 1 });
  const schemas = await new PostgresSchemaRegistry({ pool }).list();
  return type === undefined ? schemas : schemas.filter((schema) => schema.type === type);
}
