import {
  type Aggregate,
  type Command,
  type DomainEvent,
  type EventMetadata,
  type EventStore,
  type Idempotency,
  isKirokuError,
  isRejection,
  KirokuError,
  type NewEvent,
  type Rejection,
  toNewEvent,
} from '@kiroku/core';
import { backoffMs } from '../backoff/backoff.ts';
import { pause } from '../backoff/pause.ts';
import type { SnapshotKeeper } from '../snapshot/snapshot-keeper.ts';
import { type AdmittedCommand, admit, aggregatesByCommand } from './admit.ts';
import type { CommandHandler, CommandResult } from './command-result.ts';
import { fingerprint } from './fingerprint.ts';
import { type DecisionBasis, loadBasis } from './load-basis.ts';
import { findFirstResult, repeatedResult } from './repeated-command.ts';

export interface CommandHandlerOptions {
  readonly aggregates: readonly Aggregate[];
  readonly eventStore: EventStore;
  /** Used for the states that declare snapshots. Default: every stream is read from its beginning. */
  readonly snapshots?: SnapshotKeeper;
  /** How often a command is decided before it gives way to others that keep changing what it looks at. Default 20. */
  readonly maxAttempts?: number;
  /** How long to wait after failed attempt n (from 1), in ms. Default: jittered, growing to at most 250. */
  readonly conflictPauseMs?: (attempt: number) => number;
}

/**
 * Makes the function that carries out commands: check, load, decide, append.
 * The same command id takes effect once. Throws `UnknownCommand`, `BadRequest`, `IdReused`, `Conflict` and what the event store throws.
 */
export function createCommandHandler(options: CommandHandlerOptions): CommandHandler {
  const { eventStore, snapshots, maxAttempts = 20, conflictPauseMs = (attempt) => backoffMs(attempt, { baseMs: 4, capMs: 250 }) } = options;
  const byCommand = aggregatesByCommand(options.aggregates);
  return async (received) => {
    const admitted = admit(byCommand, received);
    // Over the data as it came: a repeated command keeps its fingerprint when a new release of the schema adds a default.
    const idempotency = { commandId: admitted.command.id, fingerprint: fingerprint(received) };
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      if (attempt > 1) await pause(conflictPauseMs(attempt - 1));
      try {
        return await decideAndAppend({ eventStore, snapshots }, admitted, idempotency);
      } catch (error) {
        if (!isKirokuError(error, 'Conflict')) throw error;
      }
    }
    const first = await findFirstResult(eventStore, admitted.stream, idempotency);
    if (first !== undefined) return first;
    throw tooContended(admitted, maxAttempts);
  };
}

/** One attempt. Throws `Conflict` if what it looked at changed meanwhile. */
async function decideAndAppend(
  sources: { readonly eventStore: EventStore; readonly snapshots: SnapshotKeeper | undefined },
  admitted: AdmittedCommand,
  idempotency: Idempotency,
): Promise<CommandResult> {
  const { eventStore } = sources;
  const { aggregate, command, stream } = admitted;
  const basis = await loadBasis(sources, admitted);
  const decision = aggregate.decide(basis.state, command, basis.context);
  if (isRejection(decision)) return rejectedUnlessRepeated(eventStore, { admitted, idempotency, basis, rejection: decision });
  const events = decision.map((event) => recordable(aggregate, command, event));
  const appended = await eventStore.append({
    streams: [{ stream, expectedVersion: basis.version, events }, ...basis.unchanged],
    conditions: basis.conditions,
    idempotency,
  });
  if (appended.duplicate) return repeatedResult(eventStore, stream, command.id, appended);
  return {
    outcome: 'accepted',
    stream,
    version: basis.version + events.length,
    position: appended.position,
    events: events.map(({ type }) => type),
    duplicate: false,
  };
}

/** A repeated command whose first run succeeded gets that result, also when the state would refuse it now. */
async function rejectedUnlessRepeated(
  eventStore: EventStore,
  attempt: {
    readonly admitted: AdmittedCommand;
    readonly idempotency: Idempotency;
    readonly basis: DecisionBasis;
    readonly rejection: Rejection;
  },
): Promise<CommandResult> {
  const { admitted, idempotency, basis, rejection } = attempt;
  const first = await findFirstResult(eventStore, admitted.stream, idempotency);
  if (first !== undefined) return first;
  const { unchanged, conditions } = basis;
  if (unchanged.length + conditions.length > 0) {
    // Several sources were read one after the other: refuse only for a state in which they stood together at one moment.
    await eventStore.append({
      streams: [{ stream: admitted.stream, expectedVersion: basis.version, events: [] }, ...unchanged],
      conditions,
    });
  }
  return { outcome: 'rejected', rejection };
}

function recordable(aggregate: Aggregate, command: Command, event: DomainEvent): NewEvent {
  const metadata: EventMetadata = {
    ...command.metadata,
    ...(command.metadata.causationId !== undefined && { commandCausationId: command.metadata.causationId }),
    commandId: command.id,
    commandType: command.type,
    correlationId: command.metadata.correlationId ?? command.id,
    causationId: command.id,
  };
  return { ...toNewEvent(aggregate.events, event), metadata };
}

function tooContended({ command, stream }: AdmittedCommand, attempts: number): KirokuError {
  return new KirokuError(
    'Conflict',
    `${command.type} on ${stream} was decided ${attempts} times, and each time others had changed what it looks at. Nothing was written; send it again with the same id.`,
    { details: { stream, attempts } },
  );
}
