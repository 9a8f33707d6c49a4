import type { ProcessOutline, UndoOutline } from '../process-outline.ts';
import type { PlannedUndo, SagaPlan } from './saga-plan.ts';

/** The declared steps, as they are drawn. */
export function outlineOf({ startsOn, cancelsOn = {}, undo, steps }: SagaPlan): ProcessOutline {
  return {
    startsOn: Object.keys(startsOn),
    cancelledOn: Object.keys(cancelsOn),
    ...(undo && { undo: undoOutline(undo) }),
    steps: steps.map(({ name, command, success, failure = {}, timeoutMs, retry = {}, undo: stepUndo }) => ({
      name,
      command: command.type,
      success: Object.keys(success),
      failure: Object.keys(failure),
      attempts: retry.attempts ?? 1,
      notOn: retry.notOn ?? [],
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(stepUndo && { undo: undoOutline(stepUndo) }),
    })),
  };
}

function undoOutline({ command, success }: PlannedUndo): UndoOutline {
  return { command: command.type, success: Object.keys(success) };
}
