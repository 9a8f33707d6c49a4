import type { JsonObject } from './json.ts';

/** A business no: an answer, not a fault. */
export interface Rejection<Code extends string = string> {
  readonly rejected: true;
  /** Stable, PascalCase, e.g. `NameTaken`. */
  readonly code: Code;
  readonly message: string;
  readonly details: JsonObject;
}

/** Refuses a command. `message` is for people; `details` are what a program may need. */
export function reject<Code extends string>(code: Code, message: string, details: JsonObject = {}): Rejection<Code> {
  return { rejected: true, code, message, details };
}

/** Is what a decision returned a refusal, and no events? */
export function isRejection(value: unknown): value is Rejection {
  return typeof value === 'object' && value !== null && 'rejected' in value && value.rejected === true;
}
