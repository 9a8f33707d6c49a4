import { isKirokuError, KirokuError, type RecordedEvent } from '@kiroku/core';

/** Runs a step of user code on an event. A fault says which event it was: without it, nobody can find out. */
export function atEvent<T>(what: string, event: RecordedEvent, step: () => T): T {
  try {
    return step();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const code = isKirokuError(cause) ? cause.code : 'Internal';
    throw new KirokuError(code, `${what} failed on event ${event.position} (${event.type} of ${event.stream}): ${why}`, {
      cause,
      details: { position: event.position, type: event.type, stream: event.stream },
    });
  }
}
