import type { Reaction, Sending, TimerChange } from '../process-manager.ts';
import { type PlannedStep, type SagaPlan, undoOf } from './saga-plan.ts';
import { type Part, partOf, type SagaState, untouched } from './saga-state.ts';

/** A reaction in the making. */
export interface Turn {
  readonly plan: SagaPlan;
  readonly state: SagaState;
  readonly commands: readonly Sending[];
  readonly timers: readonly TimerChange[];
}

/** Where a command of a saga belongs: it goes out as the command's label and comes back with its outcome. */
export interface Label {
  readonly way: 'do' | 'undo';
  readonly step: string;
  readonly part: string;
  readonly attempt: number;
}

const timeout = 'timeout';
const wholeDeadline = 'deadline';

export function turnOf(plan: SagaPlan, state: SagaState): Turn {
  return { plan, state, commands: [], timers: [] };
}

function ended({ phase }: SagaState): boolean {
  return phase === 'completed' || phase === 'compensated';
}

/** The engine's view of a turn. */
export function reactionOf({ state, commands, timers }: Turn): Reaction<SagaState> {
  const standing = ended(state) ? { done: true } : state.stuck === '' ? { resumed: true } : { failed: state.stuck };
  return { state, commands, timers, ...standing };
}

export function withState(turn: Turn, change: Partial<SagaState>): Turn {
  return { ...turn, state: { ...turn.state, ...change } };
}

export function withPart(turn: Turn, step: string, part: string, change: Partial<Part>): Turn {
  const { parts } = turn.state;
  const before = partOf(turn.state, step, part) ?? untouched;
  return withState(turn, { parts: { ...parts, [step]: { ...parts[step], [part]: { ...before, ...change } } } });
}

/** Sends a part's command, as the next try. */
export function sendForward(turn: Turn, step: PlannedStep, part: string): Turn {
  const attempt = (partOf(turn.state, step.name, part)?.tries ?? 0) + 1;
  const command = {
    type: step.command.type,
    data: step.command.data(turn.state.data, { part, reason: '' }),
    label: labelText({ way: 'do', step: step.name, part, attempt }),
  };
  const sent = withTimeout({ ...turn, commands: [...turn.commands, command] }, step.timeoutMs);
  return withPart(sent, step.name, part, { status: 'asked', tries: attempt });
}

/** Sends what undoes a part, as the next try. */
export function sendUndo(turn: Turn, step: string, part: string): Turn {
  const undo = undoOf(turn.plan, step);
  if (undo === undefined) return withPart(turn, step, part, { status: 'undone' });
  const attempt = (partOf(turn.state, step, part)?.undoTries ?? 0) + 1;
  const command = {
    type: undo.command.type,
    data: undo.command.data(turn.state.data, { part, reason: turn.state.reason }),
    label: labelText({ way: 'undo', step, part, attempt }),
  };
  const sent = withTimeout({ ...turn, commands: [...turn.commands, command] }, undo.timeoutMs);
  return withPart(sent, step, part, { status: 'undoing', undoTries: attempt });
}

/** Starts the time in which the step in hand has to answer. */
export function withTimeout(turn: Turn, ms: number | undefined): Turn {
  return ms === undefined ? turn : { ...turn, timers: [...turn.timers, { name: timeout, dueInMs: ms }] };
}

/** Starts the time that the whole may take. */
export function withDeadline(turn: Turn): Turn {
  const { deadlineMs } = turn.plan;
  return deadlineMs === undefined ? turn : { ...turn, timers: [...turn.timers, { name: wholeDeadline, dueInMs: deadlineMs }] };
}

/** Is a step under way that nothing undoes? Then its outcome decides, and until it is known nobody gives up. */
export function isCommitted({ plan, state }: Turn): boolean {
  return state.phase === 'running' && state.step !== '' && undoOf(plan, state.step) === undefined;
}

/** Waits before a part is tried again. */
export function waitToRetry(turn: Turn, label: Pick<Label, 'step' | 'part'>, ms: number): Turn {
  return { ...turn, timers: [...turn.timers, { name: retryTimer(label), dueInMs: ms }] };
}

export function withoutTimer(turn: Turn, name: string = timeout): Turn {
  return { ...turn, timers: [...turn.timers, { name, cancel: true }] };
}

export function retryTimer({ step, part }: Pick<Label, 'step' | 'part'>): string {
  return `retry ${JSON.stringify([step, part])}`;
}

/** The part a timer is for; `'timeout'` for the step's deadline, `'deadline'` for that of the whole. */
export function readTimer(name: string): Pick<Label, 'step' | 'part'> | 'timeout' | 'deadline' {
  if (name === timeout || name === wholeDeadline) return name;
  const [step = '', part = ''] = JSON.parse(name.slice('retry '.length)) as string[]; // as retryTimer wrote it
  return { step, part };
}

export function readLabel(text: string | undefined): Label | undefined {
  if (text === undefined) return undefined;
  const [way, step, part, attempt] = JSON.parse(text) as [Label['way'], string, string, number]; // as labelText wrote it
  return { way, step, part, attempt };
}

function labelText({ way, step, part, attempt }: Label): string {
  return JSON.stringify([way, step, part, attempt]);
}
