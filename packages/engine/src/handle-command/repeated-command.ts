import type { AppendResult, EventStore, Idempotency, StreamName } from '@kiroku/core';
import type { CommandAccepted } from './command-result.ts';

const pageSize = 100;

/** The result of a command that took effect before, if it did. */
export async function findFirstResult(
  eventStore: EventStore,
  stream: StreamName,
  idempotency: Idempotency,
): Promise<CommandAccepted | undefined> {
  const first = await eventStore.findCommand(idempotency);
  return first && repeatedResult(eventStore, stream, idempotency.commandId, first);
}

/** Tells a repeated command what its first run led to. */
export async function repeatedResult(
  eventStore: EventStore,
  stream: StreamName,
  commandId: string,
  first: AppendResult,
): Promise<CommandAccepted> {
  const version = first.streams.find((each) => each.stream === stream)?.version ?? (await lastVersion(eventStore, stream));
  const events = await typesOf(eventStore, stream, version, commandId);
  return { outcome: 'accepted', stream, version, position: first.position, events, duplicate: true };
}

async function lastVersion(eventStore: EventStore, stream: StreamName): Promise<number> {
  const [last] = await eventStore.readStream(stream, { direction: 'backward', limit: 1 });
  return last?.version ?? 0;
}

/** Types of the command's events: the run of them that ends at `version`. */
async function typesOf(eventStore: EventStore, stream: StreamName, version: number, commandId: string): Promise<string[]> {
  const types: string[] = [];
  for (let from = version; from > 0; from -= pageSize) {
    const page = await eventStore.readStream(stream, { fromVersion: from, direction: 'backward', limit: pageSize });
    const foreign = page.findIndex((event) => event.metadata.commandId !== commandId);
    types.unshift(...(foreign === -1 ? page : page.slice(0, foreign)).map(({ type }) => type).reverse());
    if (foreign !== -1) break;
  }
  return types;
}
