import type { Aggregate, JsonObject, ProcessManager, Reaction, RecordedEvent, Rejection, Sending } from '@kiroku/core';
import { type Decided, decideCommand } from './decide-command.ts';
import { recordEvents, scenarioId, scenarioTime } from './past.ts';

export interface Instance {
  readonly state: JsonObject;
  readonly done: boolean;
  /** The rejection nobody had provided for. */
  readonly failure?: string;
}

interface Sent {
  readonly processManager: ProcessManager;
  readonly instance: string;
  readonly command: Sending;
}

/**
 * An application in memory whose process managers advance one step at a time, in an order the caller chooses: reading
 * the next event, delivering a sent command, or hearing of a rejection. Property tests go through every interleaving.
 */
export class World {
  readonly #aggregates: readonly Aggregate[];
  readonly #cursors: Map<ProcessManager, number>;
  readonly #instances = new Map<string, Instance>();
  #log: readonly RecordedEvent[] = [];
  #sent: readonly Sent[] = [];
  #rejections: readonly (Sent & { readonly rejection: Rejection })[] = [];

  constructor(application: { readonly aggregates: readonly Aggregate[]; readonly processManagers: readonly ProcessManager[] }) {
    this.#aggregates = application.aggregates;
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
      ...this.#rejections.map((rejected) => () => this.#hear(rejected)),
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
    if (decided.outcome === 'rejected') this.#rejections = [...this.#rejections, { ...sent, rejection: decided.rejection }];
    if (decided.outcome === 'invalid')
      throw new Error(`${sent.processManager.name} sent an invalid ${sent.command.type}: ${JSON.stringify(decided.issues)}`);
  }

  #hear(rejected: Sent & { readonly rejection: Rejection }): void {
    this.#rejections = this.#rejections.filter((other) => other !== rejected);
    const { processManager, instance, command, rejection } = rejected;
    const name = `${processManager.name}/${instance}`;
    const before = this.#instances.get(name);
    if (before === undefined) return;
    const reaction = processManager.rejected(before.state, rejection, command);
    if (reaction === undefined) this.#instances.set(name, { ...before, failure: `${command.type}: ${rejection.code}` });
    else this.#react(processManager, instance, reaction);
  }

  #react(processManager: ProcessManager, id: string, { state, commands = [], done = false }: Reaction<JsonObject>): void {
    const name = `${processManager.name}/${id}`;
    const before = this.#instances.get(name);
    this.#instances.set(name, { ...before, state, done: done || (before?.done ?? false) });
    this.#sent = [...this.#sent, ...commands.map((command) => ({ processManager, instance: id, command }))];
  }
}
