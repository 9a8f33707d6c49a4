import { goBack } from './go-back.ts';
import { type PlannedStep, waitMs } from './saga-plan.ts';
import { type Part, partOf, partsOf } from './saga-state.ts';
import { type Label, sendForward, type Turn, waitToRetry, withoutTimer, withPart, withState } from './saga-turn.ts';

/** Goes on to the step in hand, or to the first that is not done; after the last the saga is completed. */
export function goOn(turn: Turn): Turn {
  const { plan, state } = turn;
  const step = plan.steps.find(({ name }) => name === state.step);
  if (step !== undefined && partsOf(state, step.name).some(([, { status }]) => status !== 'done')) return turn;
  const next = plan.steps[step === undefined ? 0 : plan.steps.indexOf(step) + 1];
  const free = step === undefined ? turn : withoutTimer(turn);
  if (next === undefined) return withState(free, { phase: 'completed', step: '' });
  return goOn(begin(withState(free, { step: next.name }), next));
}

/** Sends a step's commands, but for parts that are known to be done already. */
function begin(turn: Turn, step: PlannedStep): Turn {
  const keys = step.parts?.(turn.state.data) ?? [''];
  return keys
    .filter((part) => partOf(turn.state, step.name, part)?.status !== 'done')
    .reduce((sent, part) => sendForward(sent, step, part), turn);
}

export interface Refusal {
  /** The try that was refused; `'all'` if nothing of the part can stand. */
  readonly attempt: number | 'all';
  readonly code: string;
  readonly reason: string;
}

/** A part was refused: try again, or give up. A refusal of an earlier try says nothing about the one under way. */
export function refuse(turn: Turn, step: PlannedStep, key: string, { attempt, code, reason }: Refusal): Turn {
  const part = partOf(turn.state, step.name, key);
  if (part === undefined || part.status === 'done') return turn;
  const noted = withPart(turn, step.name, key, { refused: refusedTries(part, attempt) });
  const isAnswer = part.status === 'asked' && turn.state.phase === 'running' && (attempt === 'all' || attempt === part.tries);
  if (!isAnswer) return noted;
  const { attempts = 1, notOn = [] } = step.retry ?? {};
  if (notOn.includes(code) || part.tries >= attempts) {
    return goBack(withPart(noted, step.name, key, { status: 'refused' }), `${step.title?.(turn.state.data, key) ?? step.name}: ${reason}`);
  }
  const waiting = withPart(noted, step.name, key, { status: 'waiting' });
  return waitToRetry(waiting, { step: step.name, part: key }, waitMs(part.tries + 1, step.retry));
}

/** The wait of a part is over. */
export function tryAgain(turn: Turn, step: PlannedStep, { part }: Pick<Label, 'part'>): Turn {
  const isDue = turn.state.phase === 'running' && partOf(turn.state, step.name, part)?.status === 'waiting';
  return isDue ? sendForward(turn, step, part) : turn;
}

/** The step in hand has not answered in time: ask again, or give up. */
export function timedOut(turn: Turn, step: PlannedStep): Turn {
  const { attempts = 1 } = step.retry ?? {};
  const silent = partsOf(turn.state, step.name).filter(([, { status }]) => status === 'asked');
  if (silent.some(([, { tries }]) => tries >= attempts)) {
    return goBack(turn, `${step.name}: no answer within ${(step.timeoutMs ?? 0) / 1_000} s, ${attempts} times.`);
  }
  return silent.reduce((sent, [part]) => sendForward(sent, step, part), turn);
}

function refusedTries({ tries, refused }: Part, attempt: number | 'all'): readonly number[] {
  if (attempt === 'all') return Array.from({ length: tries }, (_, index) => index + 1);
  return refused.includes(attempt) ? refused : [...refused, attempt];
}
