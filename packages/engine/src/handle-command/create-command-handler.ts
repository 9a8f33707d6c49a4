import {
  type Aggregate,
  type AppendRequest,
  type AppendResult,
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
import { type DecisionBasis, type DecisionSources, loadBasis } from './load-basis.ts';
import { findFirstResult, repeatedResult } from './repeated-command.ts';
import { StreamCache, type StreamCacheOptions } from './stream-cache.ts';
import { StreamTurns } from './stream-turns.ts';

export interface CommandHandlerOptions {
  readonly aggregates: readonly Aggregate[];
  readonly eventStore: EventStore;
  /** Used for the states that declare snapshots. Default: every stream is read from its beginning. */
  readonly snapshots?: SnapshotKeeper;
  /** Streams whose states stay in memory, so that the next command on them need not read them. Default: 10,000 for a minute, 10 s with personal fields; `maxAgeMs: 0` keeps none. */
  readonly cache?: StreamCacheOptions;
  /** How often a command is decided before it gives way to others that keep changing what it looks at. Default 20. */
  readonly maxAttempts?: number;
  /** How long to wait after failed attempt n (from 1), in ms. Default: jittered, growing to at most 250. */
  readonly conflictPauseMs?: (attempt: number) => number;
}

/**
 * Makes the function that carries out commands: check, load, decide, append.
 * The same command id takes effect once. Throws `UnknownCommand`, `BadRequest`, `IdReused`, `Conflict`, `DecisionInvalid` and what the
 * event store throws.
 */
export function createCommandHandler(options: CommandHandlerOptions): CommandHandler {
  const { eventStore, snapshots, maxAttempts = 20, conflictPauseMs = (attempt) => backoffMs(attempt, { baseMs: 4, capMs: 250 }) } = options;
  const byCommand = aggregatesByCommand(options.aggregates);
  const cache = options.cache?.maxAgeMs === 0 ? undefined : new StreamCache(options.cache);
  const turns = new StreamTurns();
  const carryOut = async (admitted: AdmittedCommand, idempotency: Idempotency): Promise<CommandResult> => {
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      if (attempt > 1) await pause(conflictPauseMs(attempt - 1));
      const assumes = admitted.definition.creates === true && attempt === 1 && maxAttempts > 1;
      try {
        return await turns.take(admitted.stream, (passOn) =>
          decideAndAppend({ eventStore, snapshots, cache }, { admitted, idempotency, passOn, assumes }),
        );
      } catch (error) {
        // whom something new would be about may have been forgotten with what is there
        const mayBeOutdated = isKirokuError(error, 'Conflict') || (assumes && isKirokuError(error, 'SubjectForgotten'));
        if (!mayBeOutdated) throw error;
      }
    }
    const first = await findFirstResult(eventStore, admitted.stream, idempotency);
    if (first !== undefined) return first;
    throw tooContended(admitted, maxAttempts);
  };
  return async (received) => {
    const admitted = admit(byCommand, received);
    // Over the data as it came: a repeated command keeps its fingerprint when a new release of the schema adds a default.
    const idempotency = { commandId: admitted.command.id, fingerprint: fingerprint(received) };
    return await carryOut(admitted, idempotency);
  };
}

interface Attempt {
  readonly admitted: AdmittedCommand;
  readonly idempotency: Idempotency;
  /** The next command on the stream may be decided. */
  readonly passOn: () => void;
  /** A stream that the command creates need not be looked at. */
  readonly assumes: boolean;
}

/**
 * One attempt. Throws `Conflict` if what it looked at changed meanwhile. The next command on the stream is decided on what this one makes of it as
 * soon as that is on its way, and follows it: if the one before is not appended, nor is what was decided on it.
 */
async function decideAndAppend(sources: DecisionSources, { admitted, idempotency, passOn, assumes }: Attempt): Promise<CommandResult> {
  const { stream, command } = admitted;
  const { basis, decision } = await decide(sources, admitted, assumes);
  if (isRejection(decision)) return rejectedUnlessRepeated(sources, { admitted, idempotency, basis, rejection: decision });
  const ticket = { stream };
  const appending = append(sources, {
    streams: [{ stream, expectedVersion: basis.own.version, events: decision }, ...basis.unchanged],
    conditions: basis.conditions,
    idempotency,
    ticket,
    follows: basis.follows,
  });
  if (sources.cache?.advance(basis.own, decision, ticket) === true) passOn();
  const appended = await appending;
  if (appended.duplicate) return repeatedResult(sources.eventStore, stream, command.id, appended);
  return {
    outcome: 'accepted',
    stream,
    version: basis.own.version + decision.length,
    position: appended.position,
    events: decision.map(({ type }) => type),
    duplicate: false,
  };
}

interface Decided {
  readonly basis: DecisionBasis;
  readonly decision: readonly NewEvent[] | Rejection;
}

/** Decides on what is remembered, or assumed, if that leads to events: the append sees whether they still hold. A no, or a fault, is only told of what was read. */
async function decide(sources: DecisionSources, admitted: AdmittedCommand, assumes: boolean): Promise<Decided> {
  const basis = await loadBasis(sources, admitted, { assumes });
  if (!basis.isRemembered) return { basis, decision: decisionOn(basis, admitted) };
  try {
    const decision = decisionOn(basis, admitted);
    if (!isRejection(decision)) return { basis, decision };
  } catch {
    // it may be so only because something is outdated
  }
  const read = await loadBasis(sources, admitted, { anew: true });
  return { basis: read, decision: decisionOn(read, admitted) };
}

function decisionOn(basis: DecisionBasis, { aggregate, command }: AdmittedCommand): readonly NewEvent[] | Rejection {
  const decision = aggregate.decide(basis.state, command, basis.context);
  return isRejection(decision) ? decision : decision.map((event, index) => recordable(aggregate, command, { event, isFirst: index === 0 }));
}

/** Whatever the append says but that it was done: what the decision had looked at, and would have led to, is not relied on any more. */
async function append({ eventStore, cache }: DecisionSources, request: AppendRequest): Promise<AppendResult> {
  const forget = (): void => {
    for (const { stream, expectedVersion, events } of request.streams) {
      if (events.length > 0) cache?.drop(stream);
      else if (typeof expectedVersion === 'number') cache?.drop(stream, expectedVersion);
    }
  };
  try {
    const appended = await eventStore.append(request);
    if (appended.duplicate) forget();
    return appended;
  } catch (error) {
    forget();
    if (isKirokuError(error, 'DatabaseUnavailable')) cache?.clear(); // it may be another log when it is back
    throw error;
  }
}

/** A repeated command whose first run succeeded gets that result, also when the state would refuse it now. */
async function rejectedUnlessRepeated(
  sources: DecisionSources,
  attempt: {
    readonly admitted: AdmittedCommand;
    readonly idempotency: Idempotency;
    readonly basis: DecisionBasis;
    readonly rejection: Rejection;
  },
): Promise<CommandResult> {
  const { admitted, idempotency, basis, rejection } = attempt;
  const first = await findFirstResult(sources.eventStore, admitted.stream, idempotency);
  if (first !== undefined) return first;
  const { unchanged, conditions } = basis;
  if (unchanged.length + conditions.length > 0) {
    // Several sources were read one after the other: refuse only for a state in which they stood together at one moment.
    await append(sources, {
      streams: [{ stream: admitted.stream, expectedVersion: basis.own.version, events: [] }, ...unchanged],
      conditions,
    });
  }
  return { outcome: 'rejected', rejection };
}

function recordable(
  aggregate: Aggregate,
  command: Command,
  { event, isFirst }: { readonly event: DomainEvent; readonly isFirst: boolean },
): NewEvent {
  const { role, sourceAddress, ...metadataOfAll } = command.metadata;
  const metadata: EventMetadata = {
    ...metadataOfAll,
    // what only the audit asks for, once
    ...(isFirst && role !== undefined && { role }),
    ...(isFirst && sourceAddress !== undefined && { sourceAddress }),
    ...(isFirst && { receivedAt: command.at }),
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
