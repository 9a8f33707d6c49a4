/** How a command can end that leaves no event. `lost`: entries that could not be kept, which this one stands for. */
export const unrecordedOutcomes = ['unchanged', 'duplicate', 'rejected', 'invalid', 'fault', 'lost'] as const;
/** How a command can end: `accepted`, with events, or without. */
export const commandOutcomes = ['accepted', ...unrecordedOutcomes] as const;

export type UnrecordedOutcome = (typeof unrecordedOutcomes)[number];
export type AuditedOutcome = (typeof commandOutcomes)[number];

/** A command as the audit tells of it: never what it carried. */
export interface CommandFacts {
  /** ISO 8601, by the clock of the service that received it. Not known of events of earlier releases. */
  readonly receivedAt?: string;
  /** Milliseconds until it had ended. Of an accepted one: until its events were recorded, by the clocks of the service and of the log. */
  readonly durationMs?: number;
  /** Code of the rejection or error. */
  readonly code?: string;
  readonly commandId?: string;
  readonly type?: string;
  readonly stream?: string;
  /** Who sent it, as far as trusted proxies say; `process-manager:<name>` if one did. */
  readonly user?: string;
  readonly role?: string;
  readonly sourceAddress?: string;
  readonly correlationId?: string;
}

/** A command that left no event. */
export interface UnrecordedCommand extends CommandFacts {
  /** UUIDv7, of this entry. */
  readonly id: string;
  readonly receivedAt: string;
  readonly durationMs: number;
  readonly outcome: UnrecordedOutcome;
  /** The process that handled it. */
  readonly instance?: string;
  /** Of the outcome `lost`: how many entries it stands for. */
  readonly lost?: number;
}

/** A command in the audit. */
export interface AuditedCommand extends CommandFacts {
  readonly outcome: AuditedOutcome;
  /** ISO 8601: when that was recorded. Never before the entry before it. */
  readonly at: string;
  /** Of an accepted command: position of its first event. */
  readonly position?: number;
  /** Of one without events: its place in the chain. */
  readonly sequence?: number;
  readonly instance?: string;
  readonly lost?: number;
}

/** Which entries are wanted. Of what is absent, any. */
export interface AuditFilter {
  readonly user?: string;
  readonly outcome?: string;
  readonly correlationId?: string;
  /** Of commands alone. */
  readonly type?: string;
  /** Of commands alone. */
  readonly stream?: string;
  /** Of operators' changes alone. */
  readonly verb?: string;
  /** ISO 8601: not before. */
  readonly since?: string;
  /** ISO 8601: not after. */
  readonly until?: string;
}

/** A part of a trail, latest first. */
export interface TrailPage<Entry> {
  /** Each with its place: to go on after it, ask for what is before that. */
  readonly entries: readonly { readonly place: number; readonly at: string; readonly entry: Entry }[];
  /** Where to go on; `undefined`: there is nothing more. */
  readonly next?: number;
  /** The time back to which all has been looked through, as far as the next page begins; absent if nothing was. */
  readonly reached?: string;
  /** How many events or entries were looked through for it. */
  readonly looked: number;
}

/** Entries in the order of their recording, looked through from the latest back, a part at a time. */
export interface AuditTrail<Entry> {
  /** What is wanted of a part that ends before a place; default: the end. */
  page(filter: AuditFilter, before?: number): Promise<TrailPage<Entry>>;
}

/** Commands that left no event. Entries are added, never changed or removed. */
export interface CommandAudit extends AuditTrail<AuditedCommand> {
  /** Adds entries, in their order. One whose id is there already adds nothing. */
  record(commands: readonly UnrecordedCommand[]): Promise<void>;
}
