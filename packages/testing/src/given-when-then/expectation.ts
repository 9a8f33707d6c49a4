import type { JsonObject } from '@kiroku/core';
import { expect } from 'vitest';
import type { Decided } from './decide-command.ts';

/** A business no that a scenario expects. */
export interface ExpectedRejection {
  readonly rejected: string;
  readonly details?: JsonObject;
}

/** Faults in a command that a scenario expects, as dotted paths. */
export interface ExpectedFaults {
  readonly invalid: readonly string[];
}

/** A command that has nothing to do: neither events nor a rejection. */
export const nothing = { nothing: true } as const;

/** The command is refused with this code; of the details, those given are compared. */
export function rejected(code: string, details?: JsonObject): ExpectedRejection {
  return { rejected: code, ...(details && { details }) };
}

/** The command does not fit its schema, at these places: `invalid('items.0.quantity')`. */
export function invalid(...paths: readonly string[]): ExpectedFaults {
  return { invalid: paths };
}

/** Compares in one shape, so that a failure shows what came instead: events, a rejection with its message, or faults. */
export function expectOutcome(decided: Decided, expected: readonly unknown[]): void {
  const [first] = expected;
  if (isExpected<ExpectedRejection>(first, 'rejected')) {
    const { rejected: code, details } = first;
    expect(shown(decided), `expected the rejection ${code}`).toMatchObject({ rejection: { code, ...(details && { details }) } });
  } else if (isExpected<ExpectedFaults>(first, 'invalid')) {
    expect(pathsOf(decided), 'expected the command to be invalid').toEqual({ invalid: [...first.invalid].sort() });
  } else {
    const events = first === nothing ? [] : expected;
    expect(shown(decided), events.length === 0 ? 'expected no events' : 'expected events').toEqual({ events });
  }
}

function isExpected<T>(value: unknown, field: keyof T): value is T {
  return typeof value === 'object' && value !== null && field in value;
}

function shown(decided: Decided): unknown {
  switch (decided.outcome) {
    case 'decided':
      return { events: decided.events.map(({ type, data }) => ({ type, data })) };
    case 'rejected': {
      const { code, message, details } = decided.rejection;
      return { rejection: { code, message, details } };
    }
    case 'invalid':
      return { invalid: decided.issues };
    default:
      return decided satisfies never;
  }
}

function pathsOf(decided: Decided): unknown {
  return decided.outcome === 'invalid' ? { invalid: [...new Set(decided.issues.map(({ path }) => path))].sort() } : shown(decided);
}
