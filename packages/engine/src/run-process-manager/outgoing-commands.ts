import {
  type EventMetadata,
  type JsonObject,
  KirokuError,
  type OutgoingCommand,
  type ProcessManager,
  type Sending,
  type TimerChange,
  type TimerSetting,
} from '@kiroku/core';
import { v5 as uuidOfName } from 'uuid';

const namespace = '6f0c1d6e-3c57-4c8a-9f0b-5d1f6a2b7c90';

/** What led to commands and timers: an event, the outcome of a command, a timer, or an operator's action. */
export interface Cause {
  readonly id: string;
  readonly metadata: EventMetadata;
}

/**
 * Commands on their way out. Their ids are a name-based UUID (version 5) of process manager, instance, cause and index:
 * reacting to the same cause again makes the same commands, which take effect once.
 */
export function outgoingCommands(
  processManager: Pick<ProcessManager, 'name'>,
  instance: string,
  cause: Cause,
  sendings: readonly Sending[] = [],
): OutgoingCommand[] {
  return sendings.map(({ type, data, label }, index) => ({
    id: idOf([processManager.name, instance, cause.id, index]),
    processManager: processManager.name,
    instance,
    type,
    data: asObject(processManager.name, type, data),
    metadata: { ...inherited(cause), causationId: cause.id, actor: `process-manager:${processManager.name}` },
    ...(label !== undefined && { label }),
  }));
}

/** Settings of timers. Another setting of the same timer has another id. */
export function timerSettings(
  processManager: Pick<ProcessManager, 'name'>,
  instance: string,
  cause: Cause,
  changes: readonly TimerChange[] = [],
): TimerSetting[] {
  return changes.map((change): TimerSetting => {
    const { name } = change;
    if ('cancel' in change) return { instance, name, cancel: true };
    const due = 'dueAt' in change ? { at: change.dueAt } : { inMs: change.dueInMs };
    return { instance, name, id: idOf([processManager.name, instance, cause.id, 'timer', name]), due, metadata: inherited(cause) };
  });
}

function inherited({ id, metadata }: Cause): EventMetadata {
  return {
    correlationId: metadata.correlationId ?? id,
    ...(metadata.traceparent !== undefined && { traceparent: metadata.traceparent }),
    ...(metadata.tracestate !== undefined && { tracestate: metadata.tracestate }),
  };
}

function idOf(name: readonly (string | number)[]): string {
  return uuidOfName(JSON.stringify(name), namespace);
}

function asObject(processManager: string, type: string, data: unknown): JsonObject {
  if (typeof data === 'object' && data !== null && !Array.isArray(data)) return data as JsonObject; // its schema checks it when it is handled
  throw new KirokuError(
    'DefinitionInvalid',
    `${processManager} sends ${type} with data that is not an object. Give it an object of fields.`,
  );
}
