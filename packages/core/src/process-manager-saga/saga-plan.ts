import type { RecordedEvent } from '../event.ts';
import type { JsonObject } from '../json.ts';
import type { SagaRetry, SendContext, StepFailure } from './saga-definition.ts';

// A saga's declaration with the types forgotten: what the transitions work with.

type Table<Said> = { readonly [type: string]: true | ((event: RecordedEvent) => Said) | undefined };

interface PlannedCommand {
  readonly type: string;
  readonly data: (data: JsonObject, context: SendContext) => unknown;
}

export interface PlannedUndo {
  readonly command: PlannedCommand;
  readonly success: Table<string>;
  readonly nothingIfNoEvents?: boolean;
  readonly notNeededOn?: readonly string[];
  readonly timeoutMs?: number;
  readonly retry?: SagaRetry;
}

export interface PlannedStep {
  readonly name: string;
  readonly parts?: (data: JsonObject) => readonly string[];
  readonly title?: (data: JsonObject, part: string) => string;
  readonly command: PlannedCommand;
  readonly success: Table<string>;
  readonly failure?: Table<StepFailure>;
  readonly timeoutMs?: number;
  readonly retry?: SagaRetry;
  readonly undo?: PlannedUndo;
}

export interface SagaPlan {
  readonly name: string;
  readonly correlate: (event: RecordedEvent) => string | undefined;
  readonly startsOn: { readonly [type: string]: ((event: RecordedEvent) => JsonObject) | undefined };
  readonly learns?: { readonly [type: string]: ((data: JsonObject, event: RecordedEvent) => JsonObject) | undefined };
  readonly cancelsOn?: Table<string>;
  readonly undo?: PlannedUndo;
  readonly deadlineMs?: number;
  readonly steps: readonly PlannedStep[];
}

/** What the start stands for, as if it were a step: only its undoing is ever sent. */
export const startStep = 'start';

export function undoOf(plan: SagaPlan, step: string): PlannedUndo | undefined {
  return step === startStep ? plan.undo : plan.steps.find(({ name }) => name === step)?.undo;
}

/** What a table says about an event; `undefined` if it does not list it. */
export function said<Said>(table: Table<Said> | undefined, event: RecordedEvent, otherwise: Said): Said | undefined {
  const entry = table && Object.hasOwn(table, event.type) ? table[event.type] : undefined;
  return entry === true ? otherwise : entry?.(event);
}

/** The wait before try number `attempt` (from 2). */
export function waitMs(attempt: number, { baseMs = 1_000, capMs = 30_000, growth = 'exponential' }: SagaRetry = {}): number {
  const factor = { constant: 1, linear: attempt - 1, exponential: 2 ** Math.min(attempt - 2, 30) }[growth]; // 30 doublings are past any cap
  return Math.min(capMs, baseMs * factor);
}
