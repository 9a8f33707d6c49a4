import type { StoredEvent } from '@kiroku/postgres';
import type { ImportedEvent } from './parse-line.ts';

/** Is what stands in the place of an event that very event, from an earlier run of the same import? */
export function isThatImport({ exported, event }: ImportedEvent, stored: StoredEvent): boolean {
  const { importedFrom } = stored.metadata;
  return (
    stored.id === event.id &&
    stored.type === event.type &&
    stored.schemaVersion === event.schemaVersion &&
    stored.data === JSON.stringify(event.data) &&
    typeof importedFrom === 'object' &&
    importedFrom.log === exported.log.id &&
    importedFrom.position === exported.position
  );
}
