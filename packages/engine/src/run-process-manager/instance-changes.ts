import type { OutgoingCommand, ProcessChanges, ProcessInstance, ProcessStep, StoredInstances, TimerSetting } from '@kiroku/core';
import type { Reacted } from './apply-reaction.ts';

/** What a batch of inputs makes of the instances, input by input: each finds the instance as the one before left it. */
export class InstanceChanges {
  readonly #stored: StoredInstances;
  readonly #changed = new Map<string, ProcessInstance>();
  readonly #commands: OutgoingCommand[] = [];
  readonly #timers: TimerSetting[] = [];
  readonly #history: ProcessStep[] = [];

  constructor(stored: StoredInstances) {
    this.#stored = stored;
  }

  instance(id: string): ProcessInstance | undefined {
    return this.#changed.get(id) ?? this.#stored.get(id);
  }

  /** Something happened to an instance; `reacted` is what it made of it, if anything. */
  add(input: ProcessStep, reacted?: Reacted): void {
    this.#history.push(input);
    if (reacted === undefined) return;
    this.#changed.set(reacted.instance.id, reacted.instance);
    this.#commands.push(...reacted.commands);
    this.#timers.push(...reacted.timers);
    this.#history.push(...reacted.history);
  }

  all(): ProcessChanges {
    return { instances: [...this.#changed.values()], commands: this.#commands, timers: this.#timers, history: this.#history };
  }
}
