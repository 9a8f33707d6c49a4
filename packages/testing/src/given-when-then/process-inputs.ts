import { type Acceptance, type FiredTimer, type Rejection, reject, type Sending } from '@kiroku/core';
import type { Past } from './past.ts';
import { scenarioTime } from './past.ts';

/** A command that was sent and refused. */
export interface Refusal {
  readonly command: Sending;
  readonly rejection: Rejection;
}

/** A command that was sent and accepted. */
export interface Accepted {
  readonly command: Sending;
  readonly acceptance: Acceptance;
}

/** A timer that has become due. */
export interface Fired {
  readonly timer: FiredTimer;
}

/** What may happen to a process manager, beside events. */
export type ProcessInput = Past | Refusal | Accepted | Fired;

/** States that a sent command was rejected: `refusal({ type: 'ReserveStock', data }, 'InsufficientStock')`. */
export function refusal(command: Sending, code: string, message = code): Refusal {
  return { command, rejection: reject(code, message) };
}

/** States that a sent command was accepted and led to events of these types; `position` is that of the last, or the log's head. */
export function acceptance(command: Sending, events: readonly string[] = [], position = Number.MAX_SAFE_INTEGER): Accepted {
  return { command, acceptance: { position, events } };
}

/** States that a timer has become due. */
export function timer(name: string, at = scenarioTime): Fired {
  return { timer: { name, dueAt: at, at } };
}
