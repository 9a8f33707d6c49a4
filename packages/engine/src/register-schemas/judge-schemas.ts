import type { EventSchema, JsonObject, RegisteredSchema } from '@kiroku/core';
import { compareSchemas } from '../compare-schemas/compare-schemas.ts';
import type { Misfit } from '../compare-schemas/json-schema.ts';

/** A schema that was changed so that stored data may not fit it. */
export interface BrokenSchema {
  readonly type: string;
  readonly version: number;
  readonly changes: readonly Misfit[];
}

/**
 * The schemas of the present code that stored data may not fit, compared with what was registered under the same version. One that was
 * registered itself is accepted again: older code that is started again, or goes on beside newer, is no change.
 */
export function findBroken(known: readonly RegisteredSchema[], present: readonly EventSchema[]): readonly BrokenSchema[] {
  return present.flatMap((schema) => {
    const same = known.filter(({ type, version }) => type === schema.type && version === schema.version);
    if (same.some(({ digest }) => digest === schema.digest)) return [];
    const changes = distinct(same.flatMap(({ jsonSchema: before }) => (before === undefined ? [] : changesSince(before, schema))));
    return changes.length === 0 ? [] : [{ type: schema.type, version: schema.version, changes }];
  });
}

function changesSince(before: JsonObject, { jsonSchema }: EventSchema): readonly Misfit[] {
  return jsonSchema === undefined ? [unreadable] : compareSchemas(before, jsonSchema);
}

function distinct(changes: readonly Misfit[]): readonly Misfit[] {
  return [...new Map(changes.map((change) => [JSON.stringify(change), change])).values()];
}

const unreadable: Misfit = { path: '', was: 'given as JSON Schema', is: 'not expressible as JSON Schema, so that nobody can tell' };

/** For people: each type, each field, what it was and what it is. */
export function explainBroken(broken: readonly BrokenSchema[]): string {
  const types = broken.map(({ type, version, changes }) => {
    const lines = changes.map(({ path, was, is }) => `    ${path || '(data)'}: was ${was}, is ${is}`);
    const next = `    → raise the version of ${type} to ${version + 1} and add upcasters: { ${version}: … }, or undo the change`;
    return [`  ${type}, schema version ${version}`, ...lines, next].join('\n');
  });
  return `The schema of ${broken.length === 1 ? 'an event type was' : `${broken.length} event types were`} changed so that events already stored may not fit:\n${types.join('\n')}`;
}
