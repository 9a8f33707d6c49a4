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

/** What became of a delivered command. */
export type CommandOutcome =
  | { readonly accepted: true; readonly position: number }
  | { readonly accepted: false; readonly rejection: Rejection };

export interface ProcessChanges {
  readonly instances: readonly ProcessInstance[];
  readonly commands: readonly OutgoingCommand[];
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
  claim(options: { readonly limit: number; readonly leaseMs: number }): Promise<readonly OutgoingCommand[]>;
  /** Records the outcome, and what the instance makes of it, in one transaction. `settle` gets the instance as it is now. Does nothing if the command was settled before. */
  settle(options: {
    readonly command: OutgoingCommand;
    readonly outcome: CommandOutcome;
    readonly settle: (instance: ProcessInstance) => ProcessChanges;
  }): Promise<void>;
  /** Gives a claimed command back after a fault, due again at `retryAt` (ISO 8601), with the error for people to see. */
  giveBack(options: { readonly command: OutgoingCommand; readonly error: string; readonly retryAt: string }): Promise<void>;
}
