import type { Command, Rejection, StreamName } from '@kiroku/core';

/** What became of a command. Faults are thrown; a business no is a result. */
export type CommandResult = CommandAccepted | CommandRejected;

export interface CommandAccepted {
  readonly outcome: 'accepted';
  readonly stream: StreamName;
  /** The stream's version after it. */
  readonly version: number;
  /** Position of its last event; the log's head if it led to none. What `atLeast` takes. */
  readonly position: number;
  /** Types of the events it led to, in order. */
  readonly events: readonly string[];
  /** The command had taken effect before; this is its first result. */
  readonly duplicate: boolean;
}

export interface CommandRejected {
  readonly outcome: 'rejected';
  readonly rejection: Rejection;
}

/** Makes one command take effect, once. */
export type CommandHandler = (command: Command) => Promise<CommandResult>;
