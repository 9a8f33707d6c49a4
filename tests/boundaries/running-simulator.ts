import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../shop/free-ports.ts';

const program = fileURLToPath(new URL('../../apps/payment-simulator/bundle/main.js', import.meta.url));

/** A line of the simulator's ledger. */
export interface LedgerEntry {
  readonly sequence: number;
  readonly key: string;
  readonly name: string;
  readonly request: { readonly [field: string]: unknown };
  readonly outcome: { readonly outcome: string; readonly code?: string; readonly paymentId?: string };
}

/** The payment simulator as a process of its own, with a ledger of its own that survives its end. */
export class RunningSimulator implements AsyncDisposable {
  readonly url: string;
  readonly #directory: string;
  readonly #port: number;
  readonly #environment: Readonly<Record<string, string>>;
  #child: ChildProcess;

  private constructor(directory: string, port: number, environment: Readonly<Record<string, string>>) {
    this.#directory = directory;
    this.#port = port;
    this.#environment = environment;
    this.url = `http://127.0.0.1:${port}`;
    this.#child = this.#spawn();
  }

  /** `environment`: what it is configured with beside its port and ledger. */
  static async start(environment: Readonly<Record<string, string>> = {}): Promise<RunningSimulator> {
    const [port = 0] = await freePorts(1);
    const simulator = new RunningSimulator(await mkdtemp(join(tmpdir(), 'kiroku-simulator-')), port, environment);
    await simulator.#untilReady();
    return simulator;
  }

  /** Tells it how to behave; with nothing, well. */
  async behave(behaviour: object = {}): Promise<void> {
    const response = await fetch(`${this.url}/behaviour`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(behaviour),
    });
    if (!response.ok) throw new Error(`The behaviour was refused: ${await response.text()}`);
  }

  async ledger(): Promise<readonly LedgerEntry[]> {
    const answer = (await (await fetch(`${this.url}/ledger?limit=10000`)).json()) as { entries: readonly LedgerEntry[] }; // its document says so
    return answer.entries;
  }

  /** The entries with a key. */
  async entriesOf(key: string): Promise<readonly LedgerEntry[]> {
    return (await this.ledger()).filter((entry) => entry.key === key);
  }

  /** kill -9. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** SIGTERM; returns the exit code. */
  stop(): Promise<number | null> {
    return this.#end('SIGTERM');
  }

  /** Starts it again, with the same ledger and port. */
  async startAgain(): Promise<void> {
    this.#child = this.#spawn();
    await this.#untilReady();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.#directory, { recursive: true, force: true });
  }

  #spawn(): ChildProcess {
    return spawn(process.execPath, [program], {
      env: {
        ...process.env,
        ...this.#environment,
        PAYMENT_SIMULATOR_PORT: String(this.#port),
        PAYMENT_SIMULATOR_LEDGER: join(this.#directory, 'ledger.jsonl'),
        LOG_LEVEL: 'silent',
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#child.exitCode;
    const exited = once(this.#child, 'exit');
    this.#child.kill(signal);
    const [code] = await exited;
    return code;
  }

  async #untilReady(): Promise<void> {
    for (const end = Date.now() + 60_000; Date.now() < end; await sleep(20)) {
      const ready = await fetch(`${this.url}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (ready) return;
      if (this.#child.exitCode !== null) throw new Error(`The simulator ended with ${this.#child.exitCode}.`);
    }
    throw new Error('The simulator was not ready in time.');
  }
}
