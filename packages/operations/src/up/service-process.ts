import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLogFile } from '../log-files/log-file.ts';

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
 * One run of a service at a time. Its output goes to its log file directly, and the IPC channel tells it when we are gone, so that it
 * neither blocks on us nor outlives us. It has its own process group: Ctrl-C reaches the supervisor alone.
 */
export class ServiceProcess {
  readonly #options: ServiceProcessOptions;
  #child: ChildProcess | undefined;
  #startedAt: Date | undefined;
  #logFrom = 0;
  #stopping = false;

  constructor(options: ServiceProcessOptions) {
    this.#options = options;
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

  async start(): Promise<void> {
    const { name, entry, cwd, env, dataDirectory } = this.#options;
    const log = await openLogFile(dataDirectory, name);
    this.#logFrom = (await log.stat()).size;
    if (!this.#stopping) {
      const child = spawn(process.execPath, [entry], { cwd, env, detached: true, stdio: ['ignore', log.fd, log.fd, 'ipc'] });
      this.#child = child;
      this.#startedAt = new Date();
      child.once('error', (error) => this.#ended(child, error.message));
      child.once('exit', (code, signal) => this.#ended(child, signal ?? `exit code ${code}`));
    }
    await log.close();
  }

  /** Asks it to stop, kills it if it does not, and returns when it has ended. It does not start again. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child === undefined) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await Promise.race([ended, sleep(this.#options.stopTimeoutMs, undefined, { ref: false })]);
    if (this.#child === undefined) return;
    child.kill('SIGKILL');
    await ended;
  }

  /** For whoever cannot wait. */
  kill(): void {
    this.#stopping = true;
    this.#child?.kill('SIGKILL');
  }

  #ended(child: ChildProcess, reason: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    if (!this.#stopping) this.#options.onExit(reason, Date.now() - (this.#startedAt?.getTime() ?? 0));
  }
}
