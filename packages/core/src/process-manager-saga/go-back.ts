import { startStep, undoOf, waitMs } from './saga-plan.ts';
import { mayStand, type Part, partOf, partsOf, placesWith, untouched } from './saga-state.ts';
import { type Label, retryTimer, sendUndo, type Turn, waitToRetry, withoutTimer, withPart, withState } from './saga-turn.ts';

/** Gives up: what was done or may have been done is undone, the last step first. */
export function goBack(turn: Turn, reason: string): Turn {
  const waits = placesWith(turn.state, 'waiting').map(retryTimer);
  const still = waits.reduce((quiet, name) => withoutTimer(quiet, name), turn);
  return unwind(withState(still, { phase: 'compensating', step: '', reason }));
}

/** Undoes the last step that is not undone; when there is none, the saga is compensated. */
export function unwind(turn: Turn): Turn {
  const names = [startStep, ...turn.plan.steps.map(({ name }) => name)];
  const last = names.findLast((name) => partsOf(turn.state, name).some(([, part]) => isOpen(part)));
  if (last === undefined) return withState(turn, { phase: 'compensated', step: '' }); // who is done has no timers
  const begun = withState(last === turn.state.step ? turn : withoutTimer(turn), { step: last });
  const due = partsOf(turn.state, last).filter(([, part]) => mayStand(part) && !isBeingUndone(part));
  const sent = due.reduce((open, [part]) => sendUndo(fresh(open, last, part), last, part), begun);
  // steps without an undo are behind us at once
  return due.length > 0 && undoOf(turn.plan, last) === undefined ? unwind(sent) : sent;
}

/** A part is undone as of a position; if it was done again after that, its undoing is sent again. */
export function undone(turn: Turn, { step, part }: Pick<Label, 'step' | 'part'>, position: number): Turn {
  const { status, undoneAt, doneAt } = partOf(turn.state, step, part) ?? untouched;
  if (position <= undoneAt) return turn;
  const noted = withPart(turn, step, part, { undoneAt: position });
  if (position < doneAt) return status === 'undoing' ? sendUndo(noted, step, part) : noted;
  return goOnBack(withPart(withoutTimer(noted, retryTimer({ step, part })), step, part, { status: 'undone' }));
}

/** There was nothing to undo, whatever position that is known for. */
function notNeeded(turn: Turn, { step, part }: Pick<Label, 'step' | 'part'>): Turn {
  return goOnBack(withPart(turn, step, part, { status: 'undone' }));
}

/** It was done after all, though it was given up: its undoing begins anew, or people are told, also for a saga that had ended. */
export function doneTooLate(turn: Turn, step: string, part: string): Turn {
  const { phase, step: inHand } = turn.state;
  const before = partOf(turn.state, step, part);
  if (before !== undefined && isBeingUndone(before)) return turn; // its outcome will tell whether that was in time
  const noted = withPart(turn, step, part, { status: 'done' });
  const again = withState(noted, { phase: 'compensating' });
  if (undoOf(turn.plan, step) === undefined) {
    return stuckWith(again, { step, part }, 'it took effect after it had been given up, and nothing undoes it');
  }
  const names = [startStep, ...turn.plan.steps.map(({ name }) => name)];
  const comesLater = phase === 'compensating' && names.indexOf(step) < names.indexOf(inHand);
  return comesLater ? noted : sendUndo(fresh(again, step, part), step, part);
}

/** The undoing was refused: try again, or leave it to people. */
export function undoRefused(
  turn: Turn,
  { step, part, attempt }: Label,
  { code, message }: { readonly code: string; readonly message: string },
): Turn {
  const before = partOf(turn.state, step, part);
  const undo = undoOf(turn.plan, step);
  if (before?.status !== 'undoing' || before.undoTries !== attempt || undo === undefined) return turn;
  if (undo.notNeededOn?.includes(code) === true) return notNeeded(turn, { step, part });
  const { attempts = 1, notOn = [] } = undo.retry ?? {};
  if (notOn.includes(code) || undoRound(before) >= attempts) return stuckWith(turn, { step, part }, `${code}: ${message}`);
  return waitToRetry(withPart(turn, step, part, { status: 'undo waiting' }), { step, part }, waitMs(undoRound(before) + 1, undo.retry));
}

/** The wait before undoing again is over. */
export function undoAgain(turn: Turn, { step, part }: Pick<Label, 'step' | 'part'>): Turn {
  return partOf(turn.state, step, part)?.status === 'undo waiting' ? sendUndo(turn, step, part) : turn;
}

/** An undoing has not answered in time: ask again, or leave it to people. */
export function undoTimedOut(turn: Turn): Turn {
  const silent = Object.keys(turn.state.parts).flatMap((step) =>
    partsOf(turn.state, step)
      .filter(([, { status }]) => status === 'undoing')
      .map(([key, part]) => ({ step, part: key, round: undoRound(part) })),
  );
  return silent.reduce((open, { step, part, round }) => {
    const { attempts = 1 } = undoOf(turn.plan, step)?.retry ?? {};
    return round < attempts ? sendUndo(open, step, part) : stuckWith(open, { step, part }, `no answer, ${attempts} times`);
  }, turn);
}

/** An operator asks to try again: everything that got stuck is undone anew. */
export function retryStuck(turn: Turn): Turn {
  const stuck = placesWith(turn.state, 'stuck');
  return goOnBack(stuck.reduce((sent, { step, part }) => sendUndo(fresh(sent, step, part), step, part), turn));
}

/** People have settled it themselves: it ends as it is. What takes effect later is undone as for every saga that has ended. */
export function closed(turn: Turn, reason: string): Turn {
  const open = Object.keys(turn.state.parts).flatMap((step) => partsOf(turn.state, step).map(([part]) => ({ step, part })));
  const settled = open.reduce((all, { step, part }) => withPart(all, step, part, { status: 'undone' }), turn);
  return withState(settled, { phase: 'compensated', step: '', stuck: '', reason });
}

/** A part that is done again, or stuck, is undone with all its tries before it. */
function fresh(turn: Turn, step: string, part: string): Turn {
  return withPart(turn, step, part, { undoBase: partOf(turn.state, step, part)?.undoTries ?? 0 });
}

function undoRound({ undoTries, undoBase }: Part): number {
  return undoTries - undoBase;
}

function goOnBack(turn: Turn): Turn {
  const { state } = turn;
  if (state.phase !== 'compensating') return turn;
  const stillStuck = placesWith(state, 'stuck').length > 0;
  return unwind(stillStuck ? turn : withState(turn, { stuck: '' }));
}

function stuckWith(turn: Turn, { step, part }: Pick<Label, 'step' | 'part'>, why: string): Turn {
  const which = part === '' ? step : `${step} (${part})`;
  return withState(withPart(turn, step, part, { status: 'stuck' }), { stuck: `${which} cannot be undone: ${why}` });
}

/** Is there something to undo, or being undone? */
export function isOpen(part: Part): boolean {
  return mayStand(part) || isBeingUndone(part);
}

function isBeingUndone({ status }: Part): boolean {
  return status === 'undoing' || status === 'undo waiting' || status === 'stuck';
}
