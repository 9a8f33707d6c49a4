import {
  type ClaimedCommand,
  type Claiming,
  type Command,
  type CommandOutcome,
  isKirokuError,
  KirokuError,
  type ProcessManager,
  type ProcessManagerStore,
} from '@kiroku/core';
import { type Backoff, backoffMs } from '../backoff/backoff.ts';
import { pause } from '../backoff/pause.ts';
import type { CommandHandler } from '../handle-command/command-result.ts';
import { handleWithCalls, type OutsideCalls } from './outside-call.ts';
import { type Advance, TurnQueue } from './turn-queue.ts';

export interface CommandDeliveryOptions {
  readonly store: ProcessManagerStore;
  readonly processManagers: readonly ProcessManager[];
  readonly handle: CommandHandler;
  /** Calls that commands ask for. Default: none. */
  readonly calls?: OutsideCalls;
  /** Commands handled at the same time. Default 8. */
  readonly concurrency?: number;
  /** Milliseconds after which a command that was claimed and not settled goes to someone else. Default 30,000. */
  readonly leaseMs?: number;
  /** Milliseconds between looks for due commands that nobody announced. Default 500. */
  readonly pollMs?: number;
  /** Waits before a command that failed is due again. Default: up to 200 ms at first, up to a minute later. */
  readonly retry?: Backoff;
  /** A command that failed so often, with a fault that no repetition mends, is parked until somebody retries it. Default 10. */
  readonly parkAfter?: number;
  /** The time, ISO 8601: when a command is received. Default: now. */
  readonly now?: () => string;
  /** Told of every fault, e.g. to log it; `command` is absent if the store itself failed. */
  readonly onFault?: (error: unknown, command?: ClaimedCommand) => void;
}

type Put = (claim: Claiming) => Promise<readonly ClaimedCommand[]>;

interface Known {
  readonly processManager: ProcessManager;
  readonly turns: TurnQueue;
}

/** Carries process managers' commands to their aggregates: at least once each, with effect once. Several may run side by side. */
export class CommandDelivery implements AsyncDisposable {
  readonly #options: CommandDeliveryOptions;
  readonly #known: ReadonlyMap<string, Known>;
  readonly #delivering = new Map<ClaimedCommand, Promise<void>>();
  readonly #sending = new Set<Promise<void>>();
  #stopping = new AbortController();
  #idle = new AbortController();
  /** Room that was promised to whoever is putting commands on their way, or claims some. */
  #promised = 0;
  /** Some may wait that were there before: they come first. */
  #isBehind = true;
  #running: Promise<void> | undefined;
  #renewing: NodeJS.Timeout | undefined;
  /** Under way since before the last renewal, at least. */
  #lasting: ReadonlySet<ClaimedCommand> = new Set();

  /** Throws `DefinitionInvalid` for a call that no command asks for. */
  constructor(options: CommandDeliveryOptions) {
    requireSent(options);
    this.#options = options;
    this.#known = new Map(
      options.processManagers.map((processManager) => [
        processManager.name,
        { processManager, turns: new TurnQueue(options.store, processManager, (put) => this.#send(put)) },
      ]),
    );
  }

  start(): void {
    if (this.#running !== undefined) return;
    this.#stopping = new AbortController();
    this.#running = this.#run(this.#stopping.signal);
    const { leaseMs = 30_000 } = this.#options;
    clearInterval(this.#renewing);
    this.#renewing = setInterval(() => void this.#renew(), leaseMs / 3);
  }

  /** Claims no more, and waits for what is being sent or delivered. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.wake();
    await this.#running;
    await Promise.allSettled(this.#sending); // they have room still; those that begin after this have none
    while (this.#delivering.size > 0) await Promise.all(this.#delivering.values());
    clearInterval(this.#renewing);
    this.#running = undefined;
  }

  /** Commands may be due now: look at once. */
  wake(): void {
    this.#idle.abort();
  }

  /**
   * Moves partitions of a process manager, together with outcomes of its commands that have come meanwhile, and delivers the commands at once, as
   * far as it has room. Throws as the store does.
   */
  async advance(advance: Advance): Promise<void> {
    const turns = this.#known.get(advance.processManager)?.turns;
    await (turns?.advance(advance) ?? this.#send((claim) => this.#options.store.advance({ ...advance, claim })));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /**
   * Sends commands: those for which there is room are claimed while `put` puts them on their way, and delivered at once; the others are looked
   * for in their turn. Throws what `put` throws.
   */
  async #send(put: Put): Promise<void> {
    const sending = this.#sendOut(put);
    this.#sending.add(sending);
    await sending.finally(() => this.#sending.delete(sending));
  }

  async #sendOut(put: Put): Promise<void> {
    const { leaseMs = 30_000 } = this.#options;
    let [sent, taken] = [0, 0];
    const limit = (commands: number): number => {
      this.#promised -= taken;
      sent = commands;
      taken = Math.min(commands, this.#room());
      this.#promised += taken;
      return taken;
    };
    try {
      const claimed = await put({ leaseMs, limit });
      for (const command of claimed) this.#begin(command);
    } finally {
      this.#promised -= taken;
    }
    if (sent > taken) {
      this.#isBehind = true;
      this.wake();
    }
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { pollMs = 500, concurrency = 8 } = this.#options;
    const fewest = Math.ceil(concurrency / 4); // a claim for each slot that becomes free would cost more than it brings
    while (!signal.aborted) {
      this.#idle = new AbortController(); // before the claim, so that a wake during it is not lost
      const free = concurrency - this.#delivering.size - this.#promised;
      if (free >= fewest) {
        const most = this.#isBehind ? free : Math.ceil(free / 2); // the others are for what is sent meanwhile
        this.#promised += most;
        const claimed = await this.#claim(most);
        this.#promised -= most;
        this.#isBehind = claimed.length === most;
        for (const command of claimed) this.#begin(command);
        if (this.#isBehind && most < free) this.wake(); // more wait, and there is room
      }
      if (!signal.aborted) await pause(pollMs, this.#idle.signal);
    }
  }

  async #claim(limit: number): Promise<readonly ClaimedCommand[]> {
    const { store, leaseMs = 30_000, onFault } = this.#options;
    try {
      return await store.claim({ limit, leaseMs });
    } catch (error) {
      onFault?.(error);
      return [];
    }
  }

  #room(): number {
    const { concurrency = 8 } = this.#options;
    const isClaiming = this.#running !== undefined && !this.#stopping.signal.aborted;
    return isClaiming && !this.#isBehind ? Math.max(0, concurrency - this.#delivering.size - this.#promised) : 0;
  }

  #begin(command: ClaimedCommand): void {
    const delivering = this.#deliver(command).finally(() => {
      this.#delivering.delete(command);
      if (this.#isBehind) this.wake(); // a slot is free
    });
    this.#delivering.set(command, delivering);
  }

  /** A call outside may take longer than a claim lasts: what is under way for long stays ours. Most commands are settled before they are asked about. */
  async #renew(): Promise<void> {
    const { store, leaseMs = 30_000, onFault } = this.#options;
    const commands = [...this.#lasting].filter((command) => this.#delivering.has(command));
    this.#lasting = new Set(this.#delivering.keys());
    if (commands.length > 0) await store.renew({ commands, leaseMs }).catch((error: unknown) => onFault?.(error));
  }

  /** Never throws: what fails is tried again when the claim lapses, at the latest. */
  async #deliver(command: ClaimedCommand): Promise<void> {
    const { store, onFault } = this.#options;
    try {
      const { processManager, turns } = this.#sender(command.processManager);
      const tries = Math.max(command.attempts, processManager.tryOf?.(command) ?? 1);
      await turns.settle({ command, outcome: await this.#handle(command, tries) });
    } catch (error) {
      onFault?.(error, command);
      const retryInMs = this.#retryInMs(error, command.attempts);
      await store
        .giveBack({ command, error: describe(error), ...(retryInMs !== undefined && { retryInMs }) })
        .catch((fault: unknown) => onFault?.(fault, command));
    }
  }

  async #handle({ type, data, id, metadata }: ClaimedCommand, tries: number): Promise<CommandOutcome> {
    const { now = () => new Date().toISOString() } = this.#options;
    const command: Command = { type, data, id, at: now(), metadata };
    const result = await handleWithCalls(this.#options, command, tries);
    return result.outcome === 'accepted'
      ? { accepted: true, position: result.position, events: result.events }
      : { accepted: false, rejection: result.rejection };
  }

  /** `undefined`: park it. What may pass by itself is tried for as long as it takes. */
  #retryInMs(error: unknown, attempts: number): number | undefined {
    const { retry = { baseMs: 200, capMs: 60_000 }, parkAfter = 10 } = this.#options;
    if (isKirokuError(error, 'AnswerNotRecorded')) return undefined; // asked again, the outside would say the same
    const mayPass = isKirokuError(error) && error.retryable;
    if (!mayPass && attempts >= parkAfter) return undefined;
    return backoffMs(attempts, retry);
  }

  #sender(name: string): Known {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    throw new KirokuError(
      'DefinitionInvalid',
      `A command of the process manager "${name}" is waiting, but this service does not know it. Deploy its definition, or close the instance.`,
    );
  }
}

/** A call under a misspelt name would never be made, and its step wait in vain. */
function requireSent({ calls = {}, processManagers }: CommandDeliveryOptions): void {
  const sent = processManagers.map(({ commandTypes }) => commandTypes);
  const types = sent.flatMap((each) => each ?? []);
  const unknown = Object.keys(calls).find((type) => !types.includes(type));
  if (unknown === undefined || sent.includes(undefined)) return;
  throw new KirokuError(
    'DefinitionInvalid',
    `A call is declared for the command "${unknown}", which no process manager here sends: it would never be made. They send: ${types.join(', ') || 'none'}.`,
    { details: { command: unknown } },
  );
}

function describe(error: unknown): string {
  if (error instanceof KirokuError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
