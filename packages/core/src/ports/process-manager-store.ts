import type { EventMetadata } from '../event.ts';
import type { JsonObject } from '../json.ts';
import type { Rejection } from '../rejection.ts';
import type { LogIdentity } from './event-store.ts';

export type InstanceStatus = 'running' | 'done' | 'failed';

export interface ProcessInstance {
  readonly id: string;
  readonly state: JsonObject;
  readonly status: InstanceStatus;
  /** Why it failed. */
  readonly failure?: string;
}

/** A command on its way out. Its id is derived from what led to it, so that it takes effect once. */
export interface OutgoingCommand {
  readonly id: string;
  readonly processManager: string;
  readonly instance: string;
  readonly type: string;
  readonly data: JsonObject;
  readonly metadata: EventMetadata;
}

/** A command as a delivery gets it. */
export interface ClaimedCommand extends OutgoingCommand {
  /** How often it has been claimed, this time included. A later claim outdates an earlier one. */
  readonly attempts: number;
}

/** What became of a delivered command. */
export type CommandOutcome =
  | { readonly accepted: true; readonly position: number }
  | { readonly accepted: false; readonly rejection: Rejection };

/** A line of an instance's history, for people. */
export interface ProcessStep {
  readonly instance: string;
  readonly kind: 'event' | 'command' | 'accepted' | 'rejected' | 'done' | 'failed';
  /** What happened, e.g. the event's or command's type, or why it failed. */
  readonly what: string;
  /** Id of the event or command. */
  readonly reference?: string;
}

export interface ProcessChanges {
  readonly instances: readonly ProcessInstance[];
  readonly commands: readonly OutgoingCommand[];
  /** Kept with the instances, in this order. */
  readonly history?: readonly ProcessStep[];
}

/** Where process managers keep instances, checkpoint and outbox. */
export interface ProcessManagerStore {
  /** Registers it; `LogMismatch` if its checkpoint belongs to another log. */
  prepare(processManager: string, log: LogIdentity): Promise<void>;
  checkpoint(processManager: string): Promise<number>;
  /** Loads the instances, calls `react`, and writes its changes and the checkpoint in one transaction. `CheckpointConflict` if the checkpoint is not at `after`. */
  advance(batch: {
    readonly processManager: string;
    readonly after: number;
    readonly position: number;
    readonly instances: readonly string[];
    readonly react: (instances: ReadonlyMap<string, ProcessInstance>) => ProcessChanges;
  }): Promise<void>;
  /** Commands that are due, oldest first, and not claimed by another process. A claim lapses after `leaseMs`. */
  claim(options: { readonly limit: number; readonly leaseMs: number }): Promise<readonly ClaimedCommand[]>;
  /** Records the outcome, and what the instance makes of it, in one transaction. `settle` gets the instance as it is now. Does nothing if the command was settled before. */
  settle(options: {
    readonly command: OutgoingCommand;
    readonly outcome: CommandOutcome;
    readonly settle: (instance: ProcessInstance) => ProcessChanges;
  }): Promise<void>;
  /** Gives a claimed command back after a fault, due again at `retryAt` (ISO 8601), with the error for people to see. Does nothing if the claim is outdated. */
  giveBack(options: { readonly command: ClaimedCommand; readonly error: string; readonly retryAt: string }): Promise<void>;
}
