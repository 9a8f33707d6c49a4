import type { Acceptance, Aggregate, JsonObject, ProcessManager, Reaction, RecordedEvent, Rejection, Sending } from '@kiroku/core';
import { type Decided, decideCommand } from './decide-command.ts';
import { recordEvents, scenarioId, scenarioTime } from './past.ts';

export interface Instance {
  readonly state: JsonObject;
  readonly done: boolean;
  /** The rejection nobody had provided for, or why it says that it failed. */
  readonly failure?: string;
}

interface Sent {
  readonly processManager: ProcessManager;
  readonly instance: string;
  readonly command: Sending;
}

interface Outcome extends Sent {
  readonly became: { readonly rejection: Rejection } | { readonly acceptance: Acceptance };
}

interface Timer {
  readonly processManager: ProcessManager;
  readonly instance: string;
  readonly name: string;
}

export interface WorldOptions {
  readonly aggregates: readonly Aggregate[];
  readonly processManagers: readonly ProcessManager[];
  /** Command type → the command that records the answer to the call it asks for. Calls are steps of their own. */
  readonly calls?: { readonly [commandType: string]: ((command: Sending) => Sending) | undefined };
}

/**
 * An application in memory whose process managers advance one step at a time, in an order the caller chooses: reading
 * the next event, delivering a sent command, calling the outside, hearing of an outcome, or firing a timer at whatever time.
 * Property tests go through every interleaving.
 */
export class World {
  readonly #aggregates: readonly Aggregate[];
  readonly #cursors: Map<ProcessManager, number>;
  readonly #calls: NonNullable<WorldOptions['calls']>;
  readonly #instances = new Map<string, Instance>();
  #log: readonly RecordedEvent[] = [];
  #sent: readonly Sent[] = [];
  #outcomes: readonly Outcome[] = [];
  #answers: readonly (Sent & { readonly answer: Sending; readonly events: readonly string[] })[] = [];
  #timers: readonly Timer[] = [];

  constructor(application: WorldOptions) {
    this.#aggregates = application.aggregates;
    this.#calls = application.calls ?? {};
    this.#cursors = new Map(application.processManagers.map((processManager) => [processManager, 0]));
  }

  get log(): readonly RecordedEvent[] {
    return this.#log;
  }

  /** The process managers' instances by `name/id`. */
  get instances(): ReadonlyMap<string, Instance> {
    return this.#instances;
  }

  /** Decides a command now and appends its events. */
  handle(command: Sending, at = scenarioTime): Decided {
    const decided = decideCommand(this.#aggregates, this.#log, { ...command, id: scenarioId(0), at, metadata: {} });
    if (decided.outcome === 'decided') this.#log = recordEvents(this.#log, decided.stream, decided.events);
    return decided;
  }

  /** The steps that could be next. Empty: everything has come to rest. */
  steps(): readonly (() => void)[] {
    const behind = [...this.#cursors].filter(([, cursor]) => cursor < this.#log.length);
    return [
      ...behind.map(
        ([processManager, cursor]) =>
          () =>
            this.#read(processManager, cursor),
      ),
      ...this.#sent.map((sent) => () => this.#deliver(sent)),
      ...this.#answers.map((answer) => () => this.#record(answer)),
      ...this.#outcomes.map((outcome) => () => this.#hear(outcome)),
      ...this.#timers.map((timer) => () => this.#fire(timer)),
    ];
  }

  /** Takes steps until everything has come to rest. `choose` picks one of so many; the first by default. */
  settle(choose: (count: number) => number = () => 0, limit = 10_000): void {
    for (let taken = 0, steps = this.steps(); steps.length > 0; taken++, steps = this.steps()) {
      if (taken === limit) throw new Error(`Nothing has come to rest after ${limit} steps: the process managers go round in circles.`);
      steps[choose(steps.length)]?.();
    }
  }

  #read(processManager: ProcessManager, cursor: number): void {
    this.#cursors.set(processManager, cursor + 1);
    const recorded = this.#log[cursor];
    if (recorded === undefined || !processManager.eventTypes.includes(recorded.type)) return;
    const event = processManager.upcast(recorded);
    const id = processManager.correlate(event);
    if (id === undefined) return;
    const before = this.#instances.get(`${processManager.name}/${id}`);
    if (before === undefined && !processManager.starts(event)) return;
    this.#react(processManager, id, processManager.react(before?.state ?? processManager.initialState, event));
  }

  #deliver(sent: Sent): void {
    this.#sent = this.#sent.filter((other) => other !== sent);
    const decided = this.handle(sent.command);
    switch (decided.outcome) {
      case 'invalid':
        throw new Error(`${sent.processManager.name} sent an invalid ${sent.command.type}: ${JSON.stringify(decided.issues)}`);
      case 'rejected':
        this.#outcomes = [...this.#outcomes, { ...sent, became: { rejection: decided.rejection } }];
        return;
      case 'decided': {
        const events = decided.events.map(({ type }) => type);
        const answer = events.length > 0 ? this.#calls[sent.command.type]?.(sent.command) : undefined;
        if (answer === undefined) this.#accepted(sent, events);
        else this.#answers = [...this.#answers, { ...sent, answer, events }];
        return;
      }
      default:
        decided satisfies never;
    }
  }

  #record(answered: Sent & { readonly answer: Sending; readonly events: readonly string[] }): void {
    const { answer, events, ...sent } = answered;
    this.#answers = this.#answers.filter((other) => other !== answered);
    this.handle(answer);
    this.#accepted(sent, events);
  }

  #accepted(sent: Sent, events: readonly string[]): void {
    this.#outcomes = [...this.#outcomes, { ...sent, became: { acceptance: { position: this.#log.length, events } } }];
  }

  #hear(outcome: Outcome): void {
    this.#outcomes = this.#outcomes.filter((other) => other !== outcome);
    const { processManager, instance, command, became } = outcome;
    const name = `${processManager.name}/${instance}`;
    const before = this.#instances.get(name);
    if (before === undefined) return;
    const isRejected = 'rejection' in became;
    const reaction = isRejected
      ? processManager.rejected(before.state, became.rejection, command)
      : processManager.accepted(before.state, became.acceptance, command);
    if (reaction !== undefined) this.#react(processManager, instance, reaction);
    else if (isRejected) this.#instances.set(name, { ...before, failure: `${command.type}: ${became.rejection.code}` });
  }

  #fire(timer: Timer): void {
    const { processManager, instance, name } = timer;
    this.#timers = this.#timers.filter((other) => other !== timer);
    const before = this.#instances.get(`${processManager.name}/${instance}`);
    const fired = { name, dueAt: scenarioTime, at: scenarioTime };
    if (before !== undefined) this.#react(processManager, instance, processManager.fired(before.state, fired));
  }

  #react(processManager: ProcessManager, id: string, reaction: Reaction<JsonObject>): void {
    const { state, commands = [], timers = [], done = false, failed, resumed = false } = reaction;
    const name = `${processManager.name}/${id}`;
    const before = this.#instances.get(name);
    const wasDone = !resumed && failed === undefined && (before?.done ?? false);
    const failure = failed ?? (done || resumed ? undefined : before?.failure);
    this.#instances.set(name, { state, done: done || wasDone, ...(failure !== undefined && { failure }) });
    this.#sent = [...this.#sent, ...commands.map((command) => ({ processManager, instance: id, command }))];
    const isOf = (timer: Timer, which?: string): boolean =>
      timer.processManager === processManager && timer.instance === id && (which === undefined || timer.name === which);
    for (const change of timers) {
      const others = this.#timers.filter((timer) => !isOf(timer, change.name));
      this.#timers = 'cancel' in change ? others : [...others, { processManager, instance: id, name: change.name }];
    }
    if (done) this.#timers = this.#timers.filter((timer) => !isOf(timer));
  }
}
