import type { RecordedEvent } from '../event.ts';
import { doneTooLate, goBack, undone } from './go-back.ts';
import { goOn, refuse } from './go-forward.ts';
import { type PlannedStep, said, startStep, undoOf } from './saga-plan.ts';
import { partOf, untouched } from './saga-state.ts';
import { retryTimer, type Turn, withDeadline, withoutTimer, withPart, withState } from './saga-turn.ts';

/** What a saga makes of an event: of all that its declaration says about this type, in this order. */
export function reactToEvent(turn: Turn, event: RecordedEvent): Turn {
  if (turn.state.phase === 'new') return start(turn, event);
  const { plan } = turn;
  const learnt = learn(turn, event);
  const succeeded = plan.steps.reduce((open, step) => succeed(open, step, event), learnt);
  const failed = plan.steps.reduce((open, step) => fail(open, step, event), succeeded);
  const given = [startStep, ...plan.steps.map(({ name }) => name)].reduce((open, step) => giveBack(open, step, event), failed);
  const reason = said(plan.cancelsOn, event, event.type);
  return reason !== undefined && given.state.phase === 'running' ? goBack(given, reason) : given;
}

function start(turn: Turn, event: RecordedEvent): Turn {
  const data = turn.plan.startsOn[event.type]?.(event);
  if (data === undefined) return turn;
  const started = withDeadline(withState(turn, { phase: 'running', data }));
  return goOn(withPart(started, startStep, '', { status: 'done', doneAt: event.position }));
}

function learn(turn: Turn, event: RecordedEvent): Turn {
  const { plan, state } = turn;
  const learns = plan.learns && Object.hasOwn(plan.learns, event.type) ? plan.learns[event.type] : undefined;
  return learns === undefined ? turn : withState(turn, { data: learns(state.data, event) });
}

function succeed(turn: Turn, step: PlannedStep, event: RecordedEvent): Turn {
  const key = said(step.success, event, '');
  if (key === undefined || turn.state.phase === 'completed') return turn;
  const before = partOf(turn.state, step.name, key) ?? untouched;
  if (event.position <= Math.max(before.doneAt, before.undoneAt)) return turn; // known, or undone since
  const noted = withPart(turn, step.name, key, { doneAt: event.position });
  if (turn.state.phase !== 'running') return doneTooLate(noted, step.name, key);
  const quiet = before.status === 'waiting' ? withoutTimer(noted, retryTimer({ step: step.name, part: key })) : noted;
  return goOn(withPart(quiet, step.name, key, { status: 'done' }));
}

function fail(turn: Turn, step: PlannedStep, event: RecordedEvent): Turn {
  const failure = said(step.failure, event, {});
  if (failure === undefined) return turn;
  const { part = '', code = event.type, reason = code } = failure;
  return refuse(turn, step, part, { attempt: 'all', code, reason });
}

/** Something is undone: on the saga's word, or by somebody else, and then the rest is undone as well. */
function giveBack(turn: Turn, step: string, event: RecordedEvent): Turn {
  const key = said(undoOf(turn.plan, step)?.success, event, '');
  if (key === undefined || turn.state.phase === 'completed') return turn;
  const gone = undone(turn, { step, part: key }, event.position);
  const isLost = gone.state.phase === 'running' && partOf(gone.state, step, key)?.status === 'undone';
  return isLost ? goBack(gone, said(turn.plan.cancelsOn, event, event.type) ?? `${step}: ${event.type}`) : gone;
}
