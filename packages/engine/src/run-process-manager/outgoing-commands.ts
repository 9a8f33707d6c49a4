import { type EventMetadata, type JsonObject, KirokuError, type OutgoingCommand, type ProcessManager, type Sending } from '@kiroku/core';
import { v5 as uuidOfName } from 'uuid';

const namespace = '6f0c1d6e-3c57-4c8a-9f0b-5d1f6a2b7c90';

/** What led to commands: an event, or the rejection of a command. */
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
  return sendings.map(({ type, data }, index) => ({
    id: uuidOfName(JSON.stringify([processManager.name, instance, cause.id, index]), namespace),
    processManager: processManager.name,
    instance,
    type,
    data: asObject(processManager.name, type, data),
    metadata: {
      correlationId: cause.metadata.correlationId ?? cause.id,
      causationId: cause.id,
      actor: `process-manager:${processManager.name}`,
      ...(cause.metadata.traceparent !== undefined && { traceparent: cause.metadata.traceparent }),
    },
  }));
}

function asObject(processManager: string, type: string, data: unknown): JsonObject {
  if (typeof data === 'object' && data !== null && !Array.isArray(data)) return data as JsonObject; // its schema checks it when it is handled
  throw new KirokuError(
    'DefinitionInvalid',
    `${processManager} sends ${type} with data that is not an object. Give it an object of fields.`,
  );
}
