import type { RecordedEvent } from '@kiroku/core';
import type { SentCommand } from '@kiroku/postgres';

/** A command, and the events it led to. */
export interface CommandNode {
  readonly kind: 'command';
  readonly id: string;
  readonly type: string;
  readonly actor?: string;
  /** The code it was refused with. */
  readonly refused?: string;
  /** It was sent, and nothing has come of it yet. */
  readonly underWay?: boolean;
  /** What it says led to it, if that is not to be found. */
  readonly causedBy?: string;
  readonly led: readonly CauseNode[];
}

/** An event, and the commands it led to. */
export interface EventNode {
  readonly kind: 'event';
  readonly event: RecordedEvent;
  readonly led: readonly CauseNode[];
}

export type CauseNode = CommandNode | EventNode;

/**
 * What led to what among events that belong together, by their metadata, and among the commands that process managers sent, of which some
 * left no event. What is not known to come from another stands at the top.
 */
export function causeTree(events: readonly RecordedEvent[], sent: readonly SentCommand[] = []): readonly CauseNode[] {
  const entries = entriesOf(events, sent);
  const led = new Map<string, string[]>();
  const roots: string[] = [];
  for (const [id, { cause }] of entries) {
    if (cause === undefined || !entries.has(cause) || isWithin(entries, id, cause)) roots.push(id);
    else led.set(cause, [...(led.get(cause) ?? []), id]);
  }
  const grow = (id: string): readonly CauseNode[] => {
    const entry = entries.get(id);
    if (entry === undefined) return [];
    const below = (led.get(id) ?? []).flatMap(grow);
    if ('event' in entry) return [{ kind: 'event', event: entry.event, led: below }];
    const lost = entry.cause !== undefined && !entries.has(entry.cause) && { causedBy: entry.cause };
    return [{ kind: 'command', id, ...entry.command, ...lost, led: below }];
  };
  return roots.flatMap(grow);
}

type Entry = { readonly cause: string | undefined } & (
  | { readonly event: RecordedEvent }
  | { readonly command: Pick<CommandNode, 'type' | 'actor' | 'refused' | 'underWay'> }
);

type Entries = ReadonlyMap<string, Entry>;

function entriesOf(events: readonly RecordedEvent[], sent: readonly SentCommand[]): Entries {
  const entries = new Map<string, Entry>();
  for (const event of events) {
    const { commandId, causationId } = event.metadata;
    if (commandId !== undefined && !entries.has(commandId)) entries.set(commandId, commandOf(event));
    entries.set(event.id, { event, cause: commandId ?? causationId });
  }
  for (const command of sent) if (!entries.has(command.id)) entries.set(command.id, sentEntry(command));
  return entries;
}

function commandOf({ metadata: { commandType = 'a command', commandCausationId, actor } }: RecordedEvent): Entry {
  return { command: { type: commandType, ...(actor !== undefined && { actor }) }, cause: commandCausationId };
}

function sentEntry({ type, metadata: { actor, causationId }, outcome }: SentCommand): Entry {
  return {
    cause: causationId,
    command: {
      type,
      ...(actor !== undefined && { actor }),
      ...(outcome === undefined && { underWay: true }),
      ...(outcome?.accepted === false && { refused: outcome.rejection.code }),
    },
  };
}

// metadata is the writer's: somebody may have made a circle of it
function isWithin(entries: Entries, id: string, cause: string): boolean {
  const seen = new Set([id]);
  for (let above: string | undefined = cause; above !== undefined; above = entries.get(above)?.cause) {
    if (seen.has(above)) return true;
    seen.add(above);
  }
  return false;
}
