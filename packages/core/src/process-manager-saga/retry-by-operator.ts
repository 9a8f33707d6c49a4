import { retryStuck, undoAgain } from './go-back.ts';
import { tryAgain } from './go-forward.ts';
import { undoOf } from './saga-plan.ts';
import { partsOf } from './saga-state.ts';
import { retryTimer, type Turn, withDeadline, withoutTimer, withTimeout } from './saga-turn.ts';

/**
 * An operator asks to try again: what got stuck is undone anew, what waits for its next try has it now. One that has failed from outside may have
 * lost its timers: they begin anew.
 */
export function retried(turn: Turn, hasFailed: boolean): Turn {
  if (turn.state.stuck !== '') return retryStuck(turn);
  const sent = waitingParts(turn).reduce((open, { step, part }) => {
    const quiet = withoutTimer(open, retryTimer({ step, part }));
    const forward = turn.plan.steps.find(({ name }) => name === step);
    return turn.state.phase === 'running' && forward !== undefined ? tryAgain(quiet, forward, { part }) : undoAgain(quiet, { step, part });
  }, turn);
  return hasFailed ? withTimers(sent) : sent;
}

function waitingParts({ state }: Turn): readonly { readonly step: string; readonly part: string }[] {
  const waits = { new: '', running: 'waiting', compensating: 'undo waiting', completed: '', compensated: '' }[state.phase];
  return Object.keys(state.parts).flatMap((step) =>
    partsOf(state, step)
      .filter(([, { status }]) => status === waits)
      .map(([part]) => ({ step, part })),
  );
}

function withTimers(turn: Turn): Turn {
  const { plan, state } = turn;
  const inHand = plan.steps.find(({ name }) => name === state.step);
  if (state.phase === 'running') return withTimeout(withDeadline(turn), inHand?.timeoutMs);
  return state.phase === 'compensating' ? withTimeout(turn, undoOf(plan, state.step)?.timeoutMs) : turn;
}
