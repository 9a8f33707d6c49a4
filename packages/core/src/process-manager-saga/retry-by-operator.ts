import { retryStuck, undoAgain } from './go-back.ts';
import { tryAgain } from './go-forward.ts';
import { undoOf } from './saga-plan.ts';
import { placesWith } from './saga-state.ts';
import { retryTimer, type Turn, withDeadline, withoutTimer, withTimeout } from './saga-turn.ts';

/**
 * An operator asks to try again: what got stuck is undone anew, what waits for its next try has it now. One that has failed from outside may have
 * lost its timers: they begin anew.
 */
export function retried(turn: Turn, hasFailed: boolean): Turn {
  if (turn.state.stuck !== '') return retryStuck(turn);
  const isForward = turn.state.phase === 'running';
  const sent = placesWith(turn.state, isForward ? 'waiting' : 'undo waiting').reduce((open, { step, part }) => {
    const quiet = withoutTimer(open, retryTimer({ step, part }));
    const forward = turn.plan.steps.find(({ name }) => name === step);
    return isForward && forward !== undefined ? tryAgain(quiet, forward, { part }) : undoAgain(quiet, { step, part });
  }, turn);
  return hasFailed ? withTimers(sent) : sent;
}

function withTimers(turn: Turn): Turn {
  const { plan, state } = turn;
  const inHand = plan.steps.find(({ name }) => name === state.step);
  if (state.phase === 'running') return withTimeout(withDeadline(turn), inHand?.timeoutMs);
  return state.phase === 'compensating' ? withTimeout(turn, undoOf(plan, state.step)?.timeoutMs) : turn;
}
