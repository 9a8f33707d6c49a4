import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Said } from '../shop/kiroku-processes.ts';
import { kiroku, type RunningShop, root } from '../shop/running-shop.ts';

const services = { CLIENT_SERVICE_PORT: 4000, COMMAND_SERVICE_PORT: 4001, QUERY_SERVICE_PORT: 4002, PAYMENT_SIMULATOR_PORT: 4020 };

/** Runs commands against a shop as they stand in a document, with what stands there in capitals filled in. */
export class Operator implements AsyncDisposable {
  readonly #shop: RunningShop;
  readonly #directory: string;

  private constructor(shop: RunningShop, directory: string) {
    this.#shop = shop;
    this.#directory = directory;
  }

  static async at(shop: RunningShop): Promise<Operator> {
    return new Operator(shop, await mkdtemp(join(tmpdir(), 'kiroku-guide-')));
  }

  async run(line: string): Promise<Said> {
    const [, command = '', file] = /^(.*?)(?:\s+>>\s+(\S+))?$/.exec(await this.#filledIn(line)) ?? [];
    const [program, ...args] = wordsOf(command);
    const said = await (program === 'curl' ? ask(args.at(-1) ?? '') : this.#kiroku(args));
    if (file !== undefined) await appendFile(file, said.stdout);
    return said;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }

  get #environment(): NodeJS.ProcessEnv {
    return { ...process.env, ...this.#shop.environment, KIROKU_DATA_DIR: this.#shop.dataDirectory, NO_COLOR: '1' };
  }

  async #kiroku(args: readonly string[]): Promise<Said> {
    if (args.includes('-f') || args.includes('--watch')) return this.#follow(args);
    return kiroku(this.#shop, ...args);
  }

  /** What goes on until Ctrl-C gets it after its first lines. */
  async #follow(args: readonly string[]): Promise<Said> {
    const child = spawn(process.execPath, [join(root, 'apps/cli/bundle/main.js'), ...args], { cwd: root, env: this.#environment });
    const said = { stdout: '', stderr: '' };
    child.stdout.once('data', () => child.kill('SIGINT'));
    for (const name of ['stdout', 'stderr'] as const) child[name].on('data', (chunk) => (said[name] += String(chunk)));
    const [code] = await once(child, 'close');
    return { code, ...said };
  }

  async #filledIn(line: string): Promise<string> {
    const { rows } = await this.#shop.askDatabase(
      `select position::text, stream, to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as time,
         (select data->>'customerId' from kiroku.events where type = 'CustomerRegistered' order by position limit 1) as subject
       from kiroku.events where stream like 'order-%' order by position limit 1`,
    );
    const values = {
      PROJECTION: 'order-summary',
      POSITION: rows[0]?.position,
      STREAM: rows[0]?.stream,
      TIME: rows[0]?.time,
      SUBJECT: rows[0]?.subject,
    };
    const named = line.replaceAll(/\b(?:PROJECTION|POSITION|STREAM|TIME|SUBJECT)\b/g, (name) =>
      String(values[name as keyof typeof values]),
    );
    return withPorts(named, this.#shop.environment).replaceAll(/\b[\w-]+\.ndjson\b/g, (file) => join(this.#directory, file));
  }
}

function withPorts(line: string, environment: Readonly<Record<string, string>>): string {
  return Object.entries(services).reduce(
    (text, [name, port]) => text.replaceAll(`127.0.0.1:${port}`, `127.0.0.1:${environment[name]}`),
    line,
  );
}

/** As a shell would, where quotes are all that is special. */
function wordsOf(line: string): readonly string[] {
  return (line.match(/(?:"[^"]*"|'[^']*'|[^\s"']+)+/g) ?? []).map((word) => word.replaceAll(/"([^"]*)"|'([^']*)'/g, '$1$2'));
}

async function ask(url: string): Promise<Said> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  const stdout = await response.text();
  return { code: response.ok ? 0 : 22, stdout, stderr: response.statusText };
}
