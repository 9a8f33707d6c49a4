import {
  type Aggregate,
  type Command,
  check,
  isRejection,
  KirokuError,
  matches,
  type NewEvent,
  type Read,
  type Reads,
  type RecordedEvent,
  type Rejection,
  type SchemaIssue,
  type StreamName,
  targetStream,
  toNewEvent,
} from '@kiroku/core';

/** What a command leads to on a given log. */
export type Decided =
  | { readonly outcome: 'decided'; readonly stream: StreamName; readonly events: readonly NewEvent[] }
  | { readonly outcome: 'rejected'; readonly rejection: Rejection }
  | { readonly outcome: 'invalid'; readonly issues: readonly SchemaIssue[] };

/** Decides a command on a log in memory, with all that it declares to read. Pure; appends nothing. */
export function decideCommand(aggregates: readonly Aggregate[], log: readonly RecordedEvent[], stated: Command): Decided {
  const aggregate = aggregates.find(({ commands }) => commands[stated.type] !== undefined);
  const definition = aggregate?.commands[stated.type];
  if (aggregate === undefined || definition === undefined) {
    throw new KirokuError('UnknownCommand', `None of ${aggregates.map(({ name }) => name).join(', ')} has a command ${stated.type}.`);
  }
  const checked = check(definition.schema, stated.data);
  if ('issues' in checked) return { outcome: 'invalid', issues: checked.issues };
  const command: Command = { ...stated, data: checked.value };
  const stream = targetStream(aggregate, command);
  const state = log
    .filter((event) => event.stream === stream)
    .reduce((value, event) => aggregate.evolve(value, event), aggregate.initialState);
  const decision = aggregate.decide(state, command, resolve(definition.reads?.(command.data) ?? {}, log));
  if (isRejection(decision)) return { outcome: 'rejected', rejection: decision };
  return { outcome: 'decided', stream, events: decision.map((event) => toNewEvent(aggregate.events, event)) };
}

function resolve(reads: Reads, log: readonly RecordedEvent[]): unknown {
  return Object.fromEntries(
    Object.entries(reads).map(([name, read]) => [name, isList(read) ? read.map(valueIn(log)) : valueIn(log)(read)]),
  );
}

function valueIn(log: readonly RecordedEvent[]): (read: Read<unknown>) => unknown {
  return (read) =>
    log
      .filter((event) => (read.source.kind === 'stream' ? event.stream === read.source.stream : matches(read.source.query, event)))
      .reduce((value, event) => read.fold(value, event), read.initial);
}

// Array.isArray does not narrow readonly arrays: https://github.com/microsoft/TypeScript/issues/17002
function isList(read: Read<unknown> | readonly Read<unknown>[]): read is readonly Read<unknown>[] {
  return Array.isArray(read);
}
