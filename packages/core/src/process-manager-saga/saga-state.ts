import type { JsonObject } from '../json.ts';

type PartStatus = 'asked' | 'waiting' | 'refused' | 'done' | 'undoing' | 'undo waiting' | 'stuck' | 'undone';

/** One command of a step and what became of it. */
export type Part = {
  readonly status: PartStatus;
  /** How often its command was sent. */
  readonly tries: number;
  /** Which of these were refused: the others may still take effect. */
  readonly refused: readonly number[];
  /** How often its undoing was sent. */
  readonly undoTries: number;
  /** How many of these belong to earlier rounds, which are over. */
  readonly undoBase: number;
  /** Position of the latest event that said it was done; 0: none. */
  readonly doneAt: number;
  /** Position at which it was last known to be undone; 0: never. */
  readonly undoneAt: number;
};
export type Parts = { readonly [part: string]: Part };

/** Where an instance of a saga stands. */
export type SagaState = {
  readonly phase: 'new' | 'running' | 'compensating' | 'completed' | 'compensated';
  readonly data: JsonObject;
  /** The step in hand; `''` before the first and after the last. */
  readonly step: string;
  /** By step. */
  readonly parts: { readonly [step: string]: Parts };
  /** Why it was given up. */
  readonly reason: string;
  /** Why it cannot go on by itself. */
  readonly stuck: string;
};

export const untouched: Part = { status: 'waiting', tries: 0, refused: [], undoTries: 0, undoBase: 0, doneAt: 0, undoneAt: 0 };

export const newSaga: SagaState = { phase: 'new', data: {}, step: '', parts: {}, reason: '', stuck: '' };

export function partOf(state: SagaState, step: string, part: string): Part | undefined {
  return state.parts[step]?.[part];
}

export function partsOf(state: SagaState, step: string): readonly (readonly [string, Part])[] {
  return Object.entries(state.parts[step] ?? {});
}

/** Where the parts of any step are that have a status. */
export function placesWith(state: SagaState, status: PartStatus): readonly { readonly step: string; readonly part: string }[] {
  return Object.keys(state.parts).flatMap((step) =>
    partsOf(state, step)
      .filter(([, part]) => part.status === status)
      .map(([part]) => ({ step, part })),
  );
}

/** May it have taken effect, or take effect yet? */
export function mayStand({ status, tries, refused }: Part): boolean {
  return status === 'done' || (status !== 'undone' && tries > refused.length);
}
