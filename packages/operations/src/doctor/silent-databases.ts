import { isKirokuError, type KirokuError } from '@kiroku/core';
import { createPool, type Pool, type PoolOptions, toKirokuError } from '@kiroku/postgres';
import { namedTogether, partsOf } from './named-together.ts';

const applicationName = 'kiroku-doctor';
const patienceMs = 5_000;

/**
 * Asks databases, and knows which of them have not answered: who asks one of these again is refused at once, with the reason, and does not wait. Every
 * check would, and an operator sees nothing meanwhile.
 */
export class SilentDatabases implements AsyncDisposable {
  readonly #bounds: Pick<PoolOptions, 'answerTimeoutMs' | 'statementTimeoutMs'>;
  /** By address: different roles ask the same database. */
  #faults: ReadonlyMap<string, KirokuError> = new Map();
  readonly #opened = new Set<{ readonly url: string; readonly pool: Pool; readonly connections: ReadonlySet<{ end(): Promise<void> }> }>();

  /** `timeoutMs`: of a statement, milliseconds: the server ends it; one that does not even say so is given up. Default: as long as it takes. */
  constructor({ timeoutMs }: { readonly timeoutMs?: number } = {}) {
    this.#bounds = timeoutMs === undefined ? {} : { statementTimeoutMs: timeoutMs, answerTimeoutMs: timeoutMs + 1_000 };
  }

  /** A pool that asks no database that is silent. */
  open(url: string): Pool {
    const pool = createPool({ url, applicationName, max: 2, ...this.#bounds });
    const connections = new Set<{ end(): Promise<void> }>();
    pool.on('connect', (client) => connections.add(client));
    pool.on('remove', (client) => connections.delete(client));
    this.#opened.add({ url, pool, connections });
    const unlessSilent = (call: Called): Called => {
      return (...args) => {
        const fault = this.#faults.get(addressOf(url));
        return fault === undefined ? call(...args) : Promise.reject(fault);
      };
    };
    const [query, connect] = [pool.query.bind(pool), pool.connect.bind(pool)] as [Called, Called]; // of many forms, which stay as they are
    return Object.assign(pool, { query: unlessSilent(query), connect: unlessSilent(connect) });
  }

  /** For who connects by itself. Throws `DatabaseUnavailable` if it is silent. */
  requireAnswering(url: string): string {
    const fault = this.#faults.get(addressOf(url));
    if (fault !== undefined) throw fault;
    return url;
  }

  /** Asks all, each address once, also those that were silent before. */
  async askAll(urls: readonly string[]): Promise<void> {
    this.#faults = namedTogether(await faultsOf(urls));
  }

  /** Asks those that are not known to be silent. */
  async #askOthers(urls: readonly string[]): Promise<void> {
    const found = await faultsOf(urls.filter((url) => !this.#faults.has(addressOf(url))));
    const silent = [...found].filter(([, fault]) => hasNotAnswered(fault));
    if (silent.length > 0) this.#faults = namedTogether(new Map([...this.#faults, ...silent]));
  }

  /** Waits for a look as long as the databases answer others: the connections to one that has fallen silent are cut. */
  async whileTheyAnswer<T>(urls: readonly string[], look: () => Promise<T>): Promise<T> {
    let over = false;
    const watch = async () => {
      await this.#askOthers(urls);
      if (!over) this.#cut();
    };
    const timer = setInterval(() => void watch(), patienceMs);
    try {
      return await look();
    } finally {
      over = true;
      clearInterval(timer);
    }
  }

  /** Why something failed: what is known of a silent database, in the same words each time. */
  reasonOf(error: unknown): KirokuError {
    const fault = toKirokuError(error);
    if (fault.code !== 'DatabaseUnavailable') return fault;
    const { names } = partsOf(fault.message);
    return [...this.#faults.values()].find(({ message }) => names.some((name) => partsOf(message).names.includes(name))) ?? fault;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#cut();
    await Promise.all([...this.#opened].map(({ pool }) => pool.end()));
  }

  /** A query that waits for an answer ends with its connection. */
  #cut(): void {
    for (const { url, connections } of this.#opened)
      if (this.#faults.has(addressOf(url))) for (const connection of connections) void connection.end().catch(() => undefined);
  }
}

type Called = (...args: unknown[]) => unknown;

/** By address: of those that do not answer. */
async function faultsOf(urls: readonly string[]): Promise<ReadonlyMap<string, KirokuError>> {
  const byAddress = new Map(urls.map((url) => [addressOf(url), url]));
  const found = await Promise.all([...byAddress].map(async ([address, url]) => [address, await faultOf(url)] as const));
  return new Map(found.filter((each): each is readonly [string, KirokuError] => each[1] !== undefined));
}

/** `undefined` if it answers, whatever: what is wrong with it then is told by who looks. */
async function faultOf(url: string): Promise<KirokuError | undefined> {
  await using pool = createPool({ url, applicationName, max: 1, connectTimeoutMs: patienceMs, answerTimeoutMs: patienceMs });
  try {
    await pool.query('select 1');
    return undefined;
  } catch (error) {
    const fault = toKirokuError(error);
    return isKirokuError(fault, 'DatabaseUnavailable') ? fault : undefined;
  }
}

/** One that refuses further connections may still answer those it has. */
function hasNotAnswered({ details }: KirokuError): boolean {
  return details.sqlState === undefined;
}

/** Without who asks. */
function addressOf(url: string): string {
  if (!URL.canParse(url)) return url; // what is wrong with it is told by who connects
  const address = new URL(url);
  address.username = '';
  address.password = '';
  return address.href;
}
