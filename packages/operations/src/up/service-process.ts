import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { logFile, sizeOf } from '../log-files/log-file.ts';
import { ProcessOutput } from '../log-files/process-output.ts';

export interface ServiceProcessOptions {
  readonly name: string;
  /** The program, absolute. */
  readonly entry: string;
  readonly cwd: string;
  readonly env: { readonly [name: string]: string | undefined };
  readonly dataDirectory: string;
  /** Until it is killed, milliseconds. */
  readonly stopTimeoutMs: number;
  /** Told when it ends without `stop`. */
  readonly onExit: (reason: string, ranForMs: number) => void;
}

/**
 * One run of a service at a time. It writes its log itself, its output goes to a file directly, and the IPC channel tells it when we are
 * gone, so that it neither blocks on us nor outlives us. It has its own process group: Ctrl-C reaches the supervisor alone.
 */
export class ServiceProcess {
  #options: ServiceProcessOptions;
  readonly #output: ProcessOutput;
  #child: ChildProcess | undefined;
  #startedAt: Date | undefined;
  #logFrom = 0;
  #stopping = false;
  #replacing = false;
  #killedBecause: string | undefined;
  /** Runs begin one after another. */
  #turn: Promise<unknown> = Promise.resolve();
  /** On the monotonic clock. */
  #begunAt = 0;

  constructor(options: ServiceProcessOptions) {
    this.#options = options;
    this.#output = new ProcessOutput({ dataDirectory: options.dataDirectory, service: options.name });
  }

  get name(): string {
    return this.#options.name;
  }

  /** `undefined` while it is down. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get startedAt(): Date | undefined {
    return this.#child === undefined ? undefined : this.#startedAt;
  }

  /** Byte of its log at which the present or last run begins. */
  get logFrom(): number {
    return this.#logFrom;
  }

  /** Nothing if it runs already. */
  start(): Promise<void> {
    return this.#inTurn(() => this.#start());
  }

  /**
   * Ends the run there is, as `stop` does, and begins another: with what has `changed`, after `between`. Returns whether the one before had to be
   * killed.
   */
  restart(options: {
    readonly changed?: Partial<Pick<ServiceProcessOptions, 'entry' | 'env'>>;
    readonly between?: () => Promise<void>;
  }): Promise<{ readonly killed: boolean }> {
    return this.#inTurn(async () => {
      this.#replacing = true;
      const killed = await this.#end().finally(() => {
        this.#replacing = false;
      });
      await options.between?.();
      this.#options = { ...this.#options, ...options.changed };
      await this.#start();
      return { killed };
    });
  }

  async #start(): Promise<void> {
    if (this.#child !== undefined) return;
    const { name, entry, cwd, env, dataDirectory } = this.#options;
    this.#logFrom = await sizeOf(logFile(dataDirectory, name));
    if (this.#stopping) return;
    const output = this.#output.open() ?? 'ignore';
    const child = spawn(process.execPath, [entry], { cwd, env, detached: true, stdio: ['ignore', output, output, 'ipc'] });
    this.#child = child;
    this.#startedAt = new Date();
    this.#begunAt = performance.now();
    child.once('error', (error) => this.#ended(child, error.message));
    child.once('exit', (code, signal) => this.#ended(child, signal ?? `exit code ${code}`));
    if (output !== 'ignore') closeSync(output);
  }

  /** What this run has written past its log last. */
  get lastOutput(): string {
    return this.#output.last;
  }

  /** Kills one that does not listen to signals. It has ended without `stop` then, for this reason. */
  killHung(reason: string): void {
    this.#killedBecause = reason;
    this.#child?.kill('SIGKILL');
  }

  /** Asks it to stop, kills it if it does not, and returns when it has ended. It does not start again. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#end();
  }

  /** For whoever cannot wait. */
  kill(): void {
    this.#stopping = true;
    this.#child?.kill('SIGKILL');
  }

  async #end(): Promise<boolean> {
    const child = this.#child;
    if (child === undefined) return false;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await Promise.race([ended, sleep(this.#options.stopTimeoutMs, undefined, { ref: false })]);
    if (this.#child !== child) return false;
    child.kill('SIGKILL');
    await ended;
    return true;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined); // whoever asked for it is told
    return done;
  }

  #ended(child: ChildProcess, how: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    const reason = this.#killedBecause ?? how;
    this.#killedBecause = undefined;
    this.#output.ended({ reason, wanted: this.#stopping || this.#replacing });
    if (!this.#stopping && !this.#replacing) this.#options.onExit(reason, performance.now() - this.#begunAt);
  }
}
