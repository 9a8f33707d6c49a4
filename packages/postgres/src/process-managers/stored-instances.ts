import type { InstanceStatus, JsonObject, ProcessInstance } from '@kiroku/core';

/** An instance as the statements that lock some return it; a row without one has no instance in it. */
export interface InstanceRow {
  readonly instance: string | null;
  readonly state: JsonObject;
  readonly status: InstanceStatus;
  readonly failure: string | null;
}

export function storedInstances(rows: readonly InstanceRow[]): ReadonlyMap<string, ProcessInstance> {
  const instances = new Map<string, ProcessInstance>();
  for (const { instance: id, state, status, failure } of rows) {
    if (id !== null) instances.set(id, { id, state, status, ...(failure !== null && { failure }) });
  }
  return instances;
}
