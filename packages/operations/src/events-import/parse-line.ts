import { checkAppend, inexactNumber, isKirokuError, type JsonObject, type NewEvent } from '@kiroku/core';
import { type ExportedEvent, fromCloudEvent } from '../cloud-events/from-cloud-event.ts';
import { importRefused } from './import-refused.ts';
import type { Line } from './read-lines.ts';

/** An event to import. */
export interface ImportedEvent {
  readonly line: number;
  readonly exported: ExportedEvent;
  /** As it will be appended. */
  readonly event: NewEvent & { readonly id: string };
}

/** Where an imported event stood. In its metadata, because a log's positions and recorded times are its own. */
export type ImportedFrom = {
  readonly log: string;
  readonly position: number;
  readonly recordedAt: string;
  /** If it had been imported there. */
  readonly importedFrom?: JsonObject;
};

/** Reads a line of an export and checks everything that does not need the log. Throws `ImportRefused`. */
export function parseLine({ number, text }: Line): ImportedEvent {
  const exported = fromCloudEvent(parseJson(text, number));
  if ('fault' in exported) throw importRefused(number, exported.fault);
  const { id, type, schemaVersion, data, tags } = exported;
  const imported = { line: number, exported, event: { id, type, schemaVersion, data, tags, metadata: metadataOf(exported) } };
  check(imported);
  return imported;
}

function metadataOf({ metadata, log, position, recordedAt }: ExportedEvent) {
  const { importedFrom: earlier } = metadata;
  const importedFrom: ImportedFrom = {
    log: log.id,
    position,
    recordedAt,
    ...(typeof earlier === 'object' && { importedFrom: earlier }),
  };
  return { ...metadata, importedFrom };
}

function parseJson(text: string, line: number): unknown {
  const number = inexactNumber(text);
  if (number !== undefined) throw importRefused(line, `no double holds its number ${number.slice(0, 60)}, so it would become another`);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw importRefused(line, 'it is no JSON, so it was damaged or cut off', cause);
  }
}

function check({ line, exported, event }: ImportedEvent): void {
  try {
    checkAppend({ streams: [{ stream: exported.stream, expectedVersion: exported.version - 1, events: [event] }] });
  } catch (error) {
    if (!isKirokuError(error, 'EventInvalid')) throw error;
    throw importRefused(line, error.message.replace(/\.$/, ''), error);
  }
}
