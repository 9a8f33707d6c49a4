import type { JsonObject, ProcessManager, RecordedEvent } from '@kiroku/core';
import { earlierFulfilment } from './earlier-fulfilment.ts';
import { paidFulfilment } from './paid-fulfilment.ts';

/**
 * Fulfils orders, or undoes what was done. Orders placed before payments came into being, and the instances that they had started, go on in the
 * way they began; all others are paid for and shipped.
 */
export const fulfilment: ProcessManager = {
  ...paidFulfilment,
  eventTypes: [...new Set([...paidFulfilment.eventTypes, ...earlierFulfilment.eventTypes])],
  react: (state, event) => (isEarlier(state, event) ? earlier(state, event) : paidFulfilment.react(state, event)),
  rejected: (state, rejection, command) => of(state).rejected(state, rejection, command),
  accepted: (state, acceptance, command) => of(state).accepted(state, acceptance, command),
  fired: (state, timer) => of(state).fired(state, timer),
  tryOf: (command) => paidFulfilment.tryOf?.(command) ?? 1, // those of the earlier kind have no labels
  operator: {
    retry: (state, hasFailed) => of(state).operator?.retry(state, hasFailed),
    compensate: (state, reason) => of(state).operator?.compensate(state, reason),
    close: (state, reason) => of(state).operator?.close(state, reason) ?? { state: earlierClosed, done: true },
  },
};

/** As after a cancellation: it sends nothing more, whatever comes. */
const earlierClosed = { phase: 'cancelled' };

function isEarlier(state: JsonObject, event: RecordedEvent): boolean {
  return event.type === 'OrderPlaced' && state === paidFulfilment.initialState
    ? event.data.paymentToken === null
    : of(state) === earlierFulfilment;
}

/** An instance begins in the state of its own kind, and hears only of what that kind listens to. */
function earlier(state: JsonObject, event: RecordedEvent): ReturnType<ProcessManager['react']> {
  if (!earlierFulfilment.eventTypes.includes(event.type)) return { state };
  return earlierFulfilment.react(state === paidFulfilment.initialState ? earlierFulfilment.initialState : state, event);
}

function of(state: JsonObject): ProcessManager {
  return 'parts' in state ? paidFulfilment : earlierFulfilment;
}
