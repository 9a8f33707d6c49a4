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
  /** What its process manager knows it by. */
  readonly label?: string;
}

/** A command as a delivery gets it. */
export interface ClaimedCommand extends OutgoingCommand {
  /** How often it has been claimed, this time included. A later claim outdates an earlier one. */
  readonly attempts: number;
}

/** What became of a delivered command. `events` are the types of what it led to; outcomes stored by older versions lack them. */
export type CommandOutcome =
  | { readonly accepted: true; readonly position: number; readonly events?: readonly string[] }
  | { readonly accepted: false; readonly rejection: Rejection };

/** A delivered command with its outcome. */
export interface Settlement {
  readonly command: OutgoingCommand;
  readonly outcome: CommandOutcome;
}

/** Sets a timer, instead of one of the same name, or cancels it. */
export type TimerSetting = { readonly instance: string; readonly name: string } & (
  | {
      readonly id: string;
      readonly metadata: EventMetadata;
      /** Milliseconds from when it is stored, or a moment (ISO 8601). */
      readonly due: { readonly inMs: number } | { readonly at: string };
    }
  | { readonly cancel: true }
);

/** A timer that is due. */
export interface DueTimer {
  readonly id: string;
  readonly processManager: string;
  readonly instance: string;
  readonly name: string;
  /** ISO 8601. */
  readonly dueAt: string;
  /** ISO 8601: now. */
  readonly at: string;
  readonly metadata: EventMetadata;
}

/** A line of an instance's history, for people. The store adds `parked` itself. */
export interface ProcessStep {
  readonly instance: string;
  readonly kind: 'event' | 'command' | 'accepted' | 'rejected' | 'timer' | 'operator' | 'done' | 'failed' | 'resumed' | 'parked';
  /** What happened, e.g. the event's or command's type, or why it failed. */
  readonly what: string;
  /** Id of the event, command or timer. */
  readonly reference?: string;
}

/** What is written together. The timers of an instance that is done are cancelled. */
export interface ProcessChanges {
  readonly instances: readonly ProcessInstance[];
  readonly commands: readonly OutgoingCommand[];
  /** In this order: the last of a name counts. */
  readonly timers?: readonly TimerSetting[];
  /** Kept with the instances, in this order. */
  readonly history?: readonly ProcessStep[];
}

export type StoredInstances = ReadonlyMap<string, ProcessInstance>;

/** The right to show a partition of a process manager's instances the log, until a later epoch takes it. */
export interface ProcessLease {
  readonly processManager: string;
  /** From 0. Instances belong to partitions by the hash of their id. */
  readonly partition: number;
  /** How many there are; fixed when the process manager is first registered. */
  readonly partitions: number;
  readonly epoch: number;
}

/** A partition that a process holds, and where its checkpoint is. */
export interface ProcessPartition {
  readonly lease: ProcessLease;
  readonly after: number;
}

/** Takes commands while they are put on their way: nobody else gets them meanwhile. */
export interface Claiming {
  readonly leaseMs: number;
  /** How many to take of so many that are sent: the first. May be asked again after a fault. */
  readonly limit: (commands: number) => number;
}

/** Where process managers keep instances, timers, checkpoints and outbox. */
export interface ProcessManagerStore {
  /** Registers it; `LogMismatch` if its checkpoint belongs to another log. */
  prepare(processManager: string, log: LogIdentity): Promise<void>;
  /** How far a partition is; by default the one that is farthest behind. */
  checkpoint(processManager: string, partition?: number): Promise<number>;
  /**
   * Says that this process (`instance`, unique among those alive) runs the process managers, renews its leases, takes those that are free or
   * expired, and gives up what exceeds its fair share. Returns what it holds now; to be called several times within `leaseMs`.
   */
  attend(options: {
    readonly instance: string;
    readonly processManagers: readonly string[];
    readonly leaseMs: number;
  }): Promise<readonly ProcessLease[]>;
  /** Gives up all leases of the process at once. */
  leave(instance: string): Promise<void>;
  /**
   * Loads the instances, calls `react`, and writes its changes and the checkpoints of the partitions in one transaction. Throws `LeaseLost` if a
   * later epoch has one of them, `CheckpointConflict` if the checkpoint of one is not at its `after`; then nothing is written. Outcomes of commands
   * are recorded with it, or without any partition; if there is neither left to do, `react` is not called. Returns the commands that were claimed
   * with it.
   */
  advance(batch: {
    readonly processManager: string;
    /** That move together, each from where it is; none to record outcomes alone. */
    readonly partitions: readonly ProcessPartition[];
    /** Where all of them are then. */
    readonly position: number;
    readonly instances: readonly string[];
    /** Delivered commands with their outcomes. Default: none. */
    readonly settlements?: readonly Settlement[];
    /** Gets those instances and the ones of the settlements that had not been made before, and these. */
    readonly react: (instances: StoredInstances, settlements: readonly Settlement[]) => ProcessChanges;
    readonly claim?: Claiming;
  }): Promise<readonly ClaimedCommand[]>;
  /** Commands that are due, oldest first, and not claimed by another process. A claim lapses after `leaseMs`. */
  claim(options: { readonly limit: number; readonly leaseMs: number }): Promise<readonly ClaimedCommand[]>;
  /** Keeps claimed commands for another `leaseMs`; those whose claim is outdated, or that are settled, are passed over. */
  renew(options: { readonly commands: readonly ClaimedCommand[]; readonly leaseMs: number }): Promise<void>;
  /**
   * Gives a claimed command back after a fault, due again in `retryInMs` by the store's clock, with the error for people to see; without, it is
   * parked until somebody retries it. Does nothing if the claim is outdated.
   */
  giveBack(options: { readonly command: ClaimedCommand; readonly error: string; readonly retryInMs?: number }): Promise<void>;
  /**
   * Fires timers that are due, those that are due longest first, with whatever else is due of the same instances: they are removed, and what
   * the instances make of them is written, in one transaction. Several processes may fire at once; each timer fires once.
   */
  fire(options: {
    readonly processManager: string;
    readonly limit: number;
    readonly react: (timers: readonly DueTimer[], instances: StoredInstances) => ProcessChanges;
    /** Only those of a part of the instances, so that several can fire at the same time. Default: of all. */
    readonly share?: { readonly part: number; readonly parts: number };
  }): Promise<{ readonly fired: number /** Milliseconds until the next is due, at least 0. */; readonly nextInMs?: number }>;
  /**
   * Changes an instance on an operator's word, in one transaction; with `retryParked`, its parked commands are due again, and `react` is told how many
   * there were. `false` if there is no such instance; then `react` is not called. What it throws undoes all.
   */
  intervene(options: {
    readonly processManager: string;
    readonly instance: string;
    readonly react: (instance: ProcessInstance, retried: number) => ProcessChanges;
    readonly retryParked?: boolean;
  }): Promise<boolean>;
  /**
   * Deletes the commands and history of up to `limit` instances that have been done for so many days and have no command on its way. Returns how
   * many instances.
   */
  prune(options: { readonly doneForDays: number; readonly limit: number }): Promise<number>;
}
