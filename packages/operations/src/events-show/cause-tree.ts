import type { RecordedEvent } from '@kiroku/core';

/** A command, and the events it led to. */
export interface CommandNode {
  readonly kind: 'command';
  readonly id: string;
  readonly type: string;
  readonly actor?: string;
  /** What it says led to it, if that left no event here: a command that was refused, or something from outside. */
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

/** What led to what among events that belong together, by their metadata: what is not known to come from another stands at the top. */
export function causeTree(events: readonly RecordedEvent[]): readonly CauseNode[] {
  const led = new Map<string, string[]>();
  const roots: string[] = [];
  const entries = entriesOf(events);
  for (const [id, { cause }] of entries) {
    if (cause === undefined || !entries.has(cause) || isWithin(entries, id, cause)) roots.push(id);
    else led.set(cause, [...(led.get(cause) ?? []), id]);
  }
  const grow = (id: string): readonly CauseNode[] => {
    const entry = entries.get(id);
    return entry === undefined ? [] : [nodeOf(id, entry, entries, (led.get(id) ?? []).flatMap(grow))];
  };
  return roots.flatMap(grow);
}

interface Entry {
  /** Of a command: its first event. */
  readonly event: RecordedEvent;
  readonly kind: 'command' | 'event';
  readonly cause: string | undefined;
}

type Entries = ReadonlyMap<string, Entry>;

function entriesOf(events: readonly RecordedEvent[]): Entries {
  const entries = new Map<string, Entry>();
  for (const event of events) {
    const { commandId, commandCausationId, causationId } = event.metadata;
    if (commandId !== undefined && !entries.has(commandId)) entries.set(commandId, { kind: 'command', event, cause: commandCausationId });
    entries.set(event.id, { kind: 'event', event, cause: commandId ?? causationId });
  }
  return entries;
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

function nodeOf(id: string, { kind, event, cause }: Entry, entries: Entries, led: readonly CauseNode[]): CauseNode {
  if (kind === 'event') return { kind, event, led };
  const { commandType, actor } = event.metadata;
  return {
    kind,
    id,
    type: commandType ?? 'a command',
    ...(actor !== undefined && { actor }),
    ...(cause !== undefined && !entries.has(cause) && { causedBy: cause }),
    led,
  };
}
