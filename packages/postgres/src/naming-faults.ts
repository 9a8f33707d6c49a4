import type pg from 'pg';

/** What the driver raises says at most an address: which database it was is noted beside it, for the words that `toKirokuError` makes of it. */
const databases = new WeakMap<object, string>();

/** By pool. */
const notes = new WeakMap<object, (fault: unknown) => void>();

/** Notes that a fault came from the database of a URL. The first to say so is right. */
export function noteDatabase(fault: unknown, url: string): void {
  const name = databaseOf(url);
  if (name !== undefined && typeof fault === 'object' && fault !== null && !databases.has(fault)) databases.set(fault, name);
}

/** `event_store`, or whatever it is called on its server; `undefined` if it was not noted. */
export function databaseOfFault(fault: unknown): string | undefined {
  if (typeof fault !== 'object' || fault === null) return undefined;
  return databases.get(fault) ?? (fault instanceof Error ? databaseOfFault(fault.cause) : undefined); // the pool has a word of its own for a timeout
}

/** Notes the database with all that fails of a pool: connections that it cannot make or loses, and queries. */
export function nameFaults(pool: pg.Pool, url: string): void {
  const note = (fault: unknown) => noteDatabase(fault, url);
  notes.set(pool, note);
  pool.on('connect', (client) => client.on('error', note));
  const [query, connect] = [pool.query.bind(pool), pool.connect.bind(pool)] as [Called, Called];
  Object.assign(pool, { query: noting(query, note), connect: noting(connect, note) });
}

/** Notes it with a fault of a connection that the pool has given out, which tells only whoever has it. */
export function noteFaultOf(pool: pg.Pool, fault: unknown): void {
  notes.get(pool)?.(fault);
}

type Called = (...args: unknown[]) => unknown;

/** The pool calls its own `connect` with a function to be called back, others wait for a promise. */
function noting(call: Called, note: (fault: unknown) => void): Called {
  return (...args) => {
    const last = args.at(-1);
    if (typeof last === 'function') {
      const told = (fault: unknown, ...rest: unknown[]): unknown => {
        if (fault) note(fault);
        return (last as Called)(fault, ...rest);
      };
      return call(...args.slice(0, -1), told);
    }
    const answer = call(...args);
    if (answer instanceof Promise) answer.catch(note); // whoever waits for it is told by the promise itself
    return answer;
  };
}

function databaseOf(url: string): string | undefined {
  try {
    return decodeURIComponent(new URL(url).pathname.slice(1)) || undefined;
  } catch {
    return undefined; // what is wrong with the URL is told by who connects
  }
}
