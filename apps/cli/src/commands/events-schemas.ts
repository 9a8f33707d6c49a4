import type { RegisteredSchema } from '@kiroku/core';
import { listEventSchemas } from '@kiroku/operations';
import type { Command } from 'commander';
import { print, printJson, printTable } from '../output/print.ts';
import { installationOf } from './global-options.ts';

export function addEventsSchemas(events: Command): void {
  events
    .command('schemas')
    .description('list the schemas of event types that services have been started with')
    .argument('[type]', 'only this event type')
    .option('--json', 'as a JSON array, with the JSON schemas')
    .action(async (type: string | undefined, { json = false }: { readonly json?: boolean }, command: Command) => {
      const schemas = await listEventSchemas(await installationOf(command), type);
      if (json) printJson(schemas);
      else if (schemas.length === 0) print('No event schema is registered. A service that writes events registers its own when it starts.');
      else printTable(['Type', 'Version', 'First seen', 'Last seen', 'Schema'], schemas.map(row));
    });
}

function row({ type, version, firstSeen, lastSeen, jsonSchema, digest }: RegisteredSchema): readonly string[] {
  return [type, String(version), toSecond(firstSeen), toSecond(lastSeen), jsonSchema === undefined ? 'not described' : digest.slice(0, 12)];
}

function toSecond(instant: string): string {
  return `${instant.slice(0, 19).replace('T', ' ')}Z`;
}
