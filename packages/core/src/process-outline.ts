/** The declared steps of a saga: what a diagram shows. */
export interface ProcessOutline {
  readonly startsOn: readonly string[];
  readonly cancelledOn: readonly string[];
  /** Undoes what the start stands for, after everything else. */
  readonly undo?: UndoOutline;
  readonly steps: readonly StepOutline[];
}

export interface StepOutline {
  readonly name: string;
  readonly command: string;
  readonly success: readonly string[];
  readonly failure: readonly string[];
  readonly timeoutMs?: number;
  readonly attempts: number;
  /** Rejection codes and failures after which it is not tried again. */
  readonly notOn: readonly string[];
  readonly undo?: UndoOutline;
}

export interface UndoOutline {
  readonly command: string;
  readonly success: readonly string[];
}
