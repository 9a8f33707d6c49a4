import type { CommandDefinitions } from '../command.ts';
import { KirokuError } from '../errors.ts';
import { type EventDefinitions, upcast } from '../event-definition.ts';
import type { JsonObject } from '../json.ts';
import type { Acceptance, FiredTimer, ProcessManager, Sending } from '../process-manager.ts';
import type { Rejection } from '../rejection.ts';
import { closed, goBack, isOpen, undoAgain, undone, undoRefused, undoTimedOut } from './go-back.ts';
import { refuse, timedOut, tryAgain } from './go-forward.ts';
import { reactToEvent } from './react-to-event.ts';
import { retried } from './retry-by-operator.ts';
import type { SagaDefinition } from './saga-definition.ts';
import { outlineOf } from './saga-outline.ts';
import { type SagaPlan, startStep, undoOf } from './saga-plan.ts';
import { newSaga, partOf, partsOf, type SagaState } from './saga-state.ts';
import { isCommitted, reactionOf, readLabel, readTimer, type Turn, turnOf } from './saga-turn.ts';

/**
 * Declares a saga: steps that are done one after the other or, if one of them cannot be, undone in reverse. Every instance
 * ends completed, compensated, or visibly failed; what takes effect after its step was given up is undone as well.
 * Steps are known by their names. Throws `DefinitionInvalid` if the declaration contradicts itself, and from its reactions if an instance that is
 * under way stands at a step, or has done one, that is not declared (any more).
 */
export function defineSaga<Data extends JsonObject, const E extends EventDefinitions, const C extends CommandDefinitions>(
  definition: SagaDefinition<Data, E, C>,
): ProcessManager {
  const plan = definition as unknown as SagaPlan; // forgets the types, keeps the shape
  requireSound(plan);
  const outline = outlineOf(plan);
  const standing = (state: JsonObject): Turn => turnOf(plan, state as SagaState); // states come from this saga alone
  const turn = (state: JsonObject): Turn => requireDeclared(standing(state));
  return {
    name: plan.name,
    eventTypes: eventTypesOf(plan),
    commandTypes: commandTypesOf(plan),
    initialState: newSaga,
    upcast: (event) => upcast(definition.events, event),
    correlate: (event) => plan.correlate(event),
    starts: (event) => Object.hasOwn(plan.startsOn, event.type),
    react: (state, event) => reactionOf(reactToEvent(turn(state), event)),
    rejected: (state, rejection, command) => reactionOf(rejected(turn(state), rejection, command)),
    accepted: (state, acceptance, command) => {
      const before = turn(state);
      const after = accepted(before, acceptance, command);
      return after === before ? undefined : reactionOf(after);
    },
    fired: (state, timer) => reactionOf(fired(turn(state), timer)),
    operator: {
      retry: (state, hasFailed) => {
        const before = turn(state);
        const after = retried(before, hasFailed);
        return after === before ? undefined : reactionOf(after);
      },
      compensate: (state, reason) => {
        const before = turn(state);
        return before.state.phase === 'running' && !isCommitted(before) ? reactionOf(goBack(before, reason)) : undefined;
      },
      close: (state, reason) => reactionOf(closed(standing(state), reason)),
    },
    tryOf: ({ label }) => readLabel(label)?.attempt ?? 1,
    outline,
  };
}

function rejected(turn: Turn, { code, message }: Rejection, command: Sending): Turn {
  const label = readLabel(command.label);
  const step = turn.plan.steps.find(({ name }) => name === label?.step);
  if (label?.way === 'undo') return undoRefused(turn, label, { code, message });
  return label === undefined || step === undefined
    ? turn
    : refuse(turn, step, label.part, { attempt: label.attempt, code, reason: message });
}

/** Only an undoing that found nothing to undo speaks through its acceptance; everything else through its events. */
function accepted(turn: Turn, { position, events }: Acceptance, command: Sending): Turn {
  const label = readLabel(command.label);
  const isNothing = label?.way === 'undo' && events?.length === 0 && undoOf(turn.plan, label.step)?.nothingIfNoEvents === true;
  return isNothing && partOf(turn.state, label.step, label.part)?.status === 'undoing' ? undone(turn, label, position) : turn;
}

function fired(turn: Turn, { name }: FiredTimer): Turn {
  const timer = readTimer(name);
  const { phase } = turn.state;
  if (timer === 'deadline') return phase === 'running' && !isCommitted(turn) ? goBack(turn, tooLong(turn.plan)) : turn;
  const step = turn.plan.steps.find((each) => each.name === (timer === 'timeout' ? turn.state.step : timer.step));
  if (phase === 'running') {
    if (step === undefined) return turn;
    return timer === 'timeout' ? timedOut(turn, step) : tryAgain(turn, step, timer);
  }
  if (phase !== 'compensating') return turn;
  return timer === 'timeout' ? undoTimedOut(turn) : undoAgain(turn, timer);
}

function tooLong({ deadlineMs = 0 }: SagaPlan): string {
  return `It took longer than ${deadlineMs / 1_000} s.`;
}

/** Taken further without a step that it has done, an instance would end without having undone it. */
function requireDeclared(turn: Turn): Turn {
  const { plan, state } = turn;
  if (state.phase !== 'running' && state.phase !== 'compensating') return turn;
  const isUnknown = (name: string): boolean => name !== startStep && !plan.steps.some((step) => step.name === name);
  if (state.step !== '' && isUnknown(state.step)) throw undeclared(plan, 'stands at', state.step);
  const done = Object.keys(state.parts).find((step) => isUnknown(step) && partsOf(state, step).some(([, part]) => isOpen(part)));
  if (done !== undefined) throw undeclared(plan, 'has done', done);
  return turn;
}

function undeclared({ name }: SagaPlan, how: string, step: string): KirokuError {
  return new KirokuError(
    'DefinitionInvalid',
    `A saga of ${name} ${how} the step "${step}", which this code does not declare: it can neither be done nor undone. Steps are known by their names: deploy code that has it, or close the saga.`,
    { details: { saga: name, step } },
  );
}

function eventTypesOf({ startsOn, learns = {}, cancelsOn = {}, undo, steps }: SagaPlan): string[] {
  const tables = steps.flatMap(({ success, failure = {}, undo: stepUndo }) => [success, failure, stepUndo?.success ?? {}]);
  return [...new Set([startsOn, learns, cancelsOn, undo?.success ?? {}, ...tables].flatMap((table) => Object.keys(table)))];
}

function commandTypesOf({ undo, steps }: SagaPlan): string[] {
  const sent = [undo, ...steps, ...steps.map((step) => step.undo)];
  return [...new Set(sent.flatMap((each) => each?.command.type ?? []))];
}

function requireSound({ name, steps, startsOn }: SagaPlan): void {
  const names = [startStep, ...steps.map((step) => step.name)];
  const twice = names.find((step, index) => names.indexOf(step) !== index);
  if (twice !== undefined)
    throw new KirokuError('DefinitionInvalid', `The saga ${name} has two steps called "${twice}". Rename one ("start" is taken).`);
  if (Object.keys(startsOn).length === 0)
    throw new KirokuError('DefinitionInvalid', `The saga ${name} is started by no event. Name one in startsOn.`);
  const silent = steps.find(({ success }) => Object.keys(success).length === 0);
  if (silent !== undefined) {
    throw new KirokuError('DefinitionInvalid', `No event says that the step "${silent.name}" of ${name} is done. Name one in success.`);
  }
}
