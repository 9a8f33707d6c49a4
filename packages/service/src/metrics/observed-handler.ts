import { type Aggregate, type Command, isKirokuError } from '@kiroku/core';
import { BoundedLabel } from './bounded-label.ts';
import type { Metrics } from './metrics.ts';

interface Handled {
  readonly outcome: 'accepted' | 'rejected';
  readonly duplicate?: boolean;
  readonly rejection?: { readonly code: string };
}

export interface ObservedHandlerOptions<Result extends Handled> {
  readonly handle: (command: Command) => Promise<Result>;
  readonly aggregates: readonly Pick<Aggregate, 'commands'>[];
  readonly metrics: Metrics;
}

/** The same handler, with its commands counted and timed. What is no command of the application is `unknown`, whatever it calls itself. */
export function observedHandler<Result extends Handled>(options: ObservedHandlerOptions<Result>): (command: Command) => Promise<Result> {
  const { handle, aggregates, metrics } = options;
  const known = new Set(aggregates.flatMap(({ commands }) => Object.keys(commands)));
  const codes = new BoundedLabel(200);
  const commands = metrics.counter('commands');
  const durations = metrics.histogram('commandDuration');
  const rejections = metrics.counter('rejections');
  const faults = metrics.counter('commandFaults');
  for (const command of known) commands.inc({ command, outcome: 'fault' }, 0); // known from the start: a rate needs two values
  return async (received) => {
    const command = known.has(received.type) ? received.type : 'unknown';
    const startedAt = performance.now();
    let outcome = 'fault';
    try {
      const result = await handle(received);
      outcome = result.duplicate === true ? 'duplicate' : result.outcome;
      if (result.rejection !== undefined) rejections.inc({ code: codes.of(result.rejection.code) });
      return result;
    } catch (error) {
      if (isFaultOfSender(error)) outcome = 'invalid';
      else faults.inc({ code: isKirokuError(error) ? error.code : 'Internal' });
      throw error;
    } finally {
      commands.inc({ command, outcome });
      durations.observe({ command }, (performance.now() - startedAt) / 1_000);
    }
  };
}

/** It would fail however often it is sent, and however well we are. */
function isFaultOfSender(error: unknown): boolean {
  return isKirokuError(error) && error.status < 500 && !error.retryable;
}
