import type { JsonObject } from '../json.ts';
import type { LogFilter, LogIdentity } from './event-store.ts';

/** How messages of a consumer are sent. */
export interface DeliveryTerms {
  /** Milliseconds for one answer. */
  readonly timeoutMs: number;
  /** Streams whose events are on their way at the same time. */
  readonly concurrency: number;
  /** A message that failed so often is a dead letter. */
  readonly maxAttempts: number;
  /** A message that first failed so long ago is a dead letter when it fails again. */
  readonly maxAgeSeconds: number;
}

/** Somebody outside who gets events of the log by webhook. */
export interface ConsumerDefinition {
  /** UUID: another one if a consumer of the same name is registered again. */
  readonly id: string;
  /** Lower-case letters, digits and hyphens. */
  readonly name: string;
  /** Where the messages are posted. */
  readonly url: string;
  /** What it gets; empty: all events. */
  readonly filter: LogFilter;
  /** Personal fields are sent readable; otherwise they are sent as they are stored, encrypted. */
  readonly reveal: boolean;
  readonly terms: DeliveryTerms;
}

/** The secrets that messages are signed with, sealed. */
export interface SealedSecrets {
  readonly current: JsonObject;
  /** The one before, which messages are signed with too until that time (ISO 8601). */
  readonly previous?: { readonly secret: JsonObject; readonly until: string };
}

export interface NewConsumer extends ConsumerDefinition {
  readonly secrets: SealedSecrets;
  /** It gets what follows this position. */
  readonly position: number;
  readonly log: LogIdentity;
  readonly createdBy: string;
}

/** A consumer, and how far it is. Times are ISO 8601. */
export interface Consumer extends ConsumerDefinition {
  /** The log its position is of. */
  readonly log: LogIdentity;
  /** Everything up to here was delivered, is kept as a message, or is nothing it gets. */
  readonly position: number;
  /** When the position was last moved. */
  readonly movedAt: string;
  readonly paused?: { readonly reason: string; readonly since: string };
  /** Messages that are tried again, and those that wait behind them or behind dead letters. */
  readonly waiting: number;
  readonly dead: number;
  /**
   * What keeps its owner from delivering anything, with the code of the fault; otherwise the latest failure of a message that is not delivered
   * yet, or dead, and since when there are such.
   */
  readonly failing?: { readonly error: string; readonly since: string; readonly code?: string };
  /** The process that delivers to it. */
  readonly owner?: string;
  /** Until when messages are signed with the secret before too. */
  readonly previousSecretUntil?: string;
  readonly createdBy: string;
  readonly createdAt: string;
}

/** The right to deliver to a consumer, until a later epoch takes it. Every change by an operator raises the epoch. */
export interface ConsumerLease extends ConsumerDefinition {
  readonly epoch: number;
  readonly secrets: SealedSecrets;
  readonly log: LogIdentity;
  readonly paused: boolean;
}

/** An event that could not be delivered, or waits behind one. */
export interface KeptMessage {
  readonly position: number;
  readonly eventId: string;
  readonly eventType: string;
  readonly stream: string;
  /** Absent: it has not been tried. */
  readonly failure?: MessageFailure;
}

/** How a delivery failed. */
export interface MessageFailure {
  readonly error: string;
  /** Milliseconds until it is due again; `dead`: not by itself. */
  readonly retry: { readonly inMs: number } | 'dead';
}

/** What keeps a delivery from going on, whatever its messages are. */
export interface DeliveryFault {
  readonly code: string;
  readonly error: string;
}

/** A message that is due. */
export interface DueMessage {
  readonly position: number;
  readonly stream: string;
  /** Failures so far. */
  readonly attempts: number;
  /** Milliseconds since it failed first; 0 if it has not. */
  readonly failingForMs: number;
}

export interface DeadLetter {
  readonly consumer: string;
  readonly position: number;
  readonly eventId: string;
  readonly eventType: string;
  readonly stream: string;
  readonly error: string;
  readonly attempts: number;
  /** ISO 8601. */
  readonly failedAt: string;
  readonly diedAt: string;
  /** Messages of the same stream that wait behind it. */
  readonly behind: number;
}

/** Where a list of dead letters goes on: after this one, which need not be there any more. */
export type LetterPlace = Pick<DeadLetter, 'diedAt' | 'position' | 'consumer'>;

/** What became of messages that were due. */
export interface SettledMessages {
  /** Positions. */
  readonly delivered: readonly number[];
  readonly failed: readonly { readonly position: number; readonly failure: MessageFailure }[];
}

/**
 * Where consumers are kept: what they get, how far they are, and the messages that could not be delivered. Of each stream at most one message is
 * due or dead, the others wait behind it in the order of the log. See the contract suite in @kiroku/testing.
 */
export interface ConsumerStore {
  /** Throws `ConsumerExists`. */
  add(consumer: NewConsumer): Promise<void>;
  /** By name. */
  consumers(): Promise<readonly Consumer[]>;
  /** Throws `NotFound`. */
  consumer(name: string): Promise<Consumer>;
  secrets(name: string): Promise<SealedSecrets>;
  /** Pauses it, or lets it go on (`undefined`). Throws `NotFound`. */
  setPaused(name: string, reason: string | undefined): Promise<void>;
  /** It gets again what follows the position; messages kept from there on are forgotten. Throws `NotFound`. */
  rewind(name: string, to: { readonly position: number; readonly log: LogIdentity }): Promise<void>;
  setSecrets(name: string, secrets: SealedSecrets): Promise<void>;
  /** With its messages. Throws `NotFound`. */
  remove(name: string): Promise<void>;

  /**
   * Says that this process (`instance`, unique among those alive) delivers, renews its leases, and takes those that are free or expired. Returns
   * what it holds now; to be called several times within `leaseMs`. What exceeds its fair share is not among them: it is to end what is on its
   * way there, and `release` it.
   */
  attend(options: { readonly instance: string; readonly leaseMs: number }): Promise<readonly ConsumerLease[]>;
  /** Gives up a lease, if it is still its owner's: nothing is on its way any more. */
  release(lease: ConsumerLease): Promise<void>;
  /** Gives up all leases of the process at once. */
  leave(instance: string): Promise<void>;
  /** Where to go on from, and the streams that have messages kept. */
  resume(lease: ConsumerLease): Promise<{ readonly position: number; readonly blocked: readonly string[] }>;
  /**
   * Moves the position, and keeps messages up to it, in one transaction. A message is due when its failure says so if it is the first of its
   * stream, and waits otherwise. Throws `LeaseLost`.
   */
  advance(options: { readonly lease: ConsumerLease; readonly position: number; readonly kept: readonly KeptMessage[] }): Promise<void>;
  /** Messages that are due, per stream up to `perStream` in order, of at most `limit` streams; those that are due longest first. */
  due(options: {
    readonly lease: ConsumerLease;
    readonly limit: number;
    readonly perStream: number;
  }): Promise<readonly (readonly DueMessage[])[]>;
  /** Returns the streams that have no messages left. Throws `LeaseLost`. */
  settle(options: { readonly lease: ConsumerLease } & SettledMessages): Promise<readonly string[]>;
  /** Makes all messages due that are to be tried again: whoever failed answers again. */
  hurry(consumer: Pick<ConsumerDefinition, 'id' | 'name'>): Promise<void>;
  /** How many streams have a message that is to be tried again, and how many have a dead letter. */
  countBlocked(lease: ConsumerLease): Promise<{ readonly retried: number; readonly dead: number }>;
  /** Notes what keeps the owner from delivering, or that nothing does any more (`undefined`). A later epoch begins without a fault. */
  noteFault(lease: ConsumerLease, fault: DeliveryFault | undefined): Promise<void>;
  /** Pauses the consumer for a reason that its delivery found. Throws `LeaseLost`. */
  pauseHeld(lease: ConsumerLease, reason: string): Promise<void>;

  /** Oldest first. */
  deadLetters(filter: { readonly consumer?: string; readonly after?: LetterPlace; readonly limit: number }): Promise<readonly DeadLetter[]>;
  /** Makes dead letters due again, as if they had not failed. Returns their positions. */
  retryDead(consumer: string, positions: readonly number[] | 'all'): Promise<readonly number[]>;
  /** Forgets dead letters; what waits behind them is due. Returns their positions. */
  discardDead(consumer: string, positions: readonly number[]): Promise<readonly number[]>;
}
