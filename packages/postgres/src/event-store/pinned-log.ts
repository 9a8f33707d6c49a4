import { KirokuError, type LogIdentity } from '@kiroku/core';
import type { ClientBase } from 'pg';
import { toKirokuError } from '../errors.ts';
import { statement } from '../statement.ts';

/**
 * The log that a process began with. What it keeps in memory (streams, snapshots, how far it is) is of that log's history, so that it may not go on
 * over another. Looking at new connections is enough: whoever puts another log in its place has to end the ones there are.
 */
export class PinnedLog {
  readonly #onSwitched: (error: KirokuError) => void;
  #first: LogIdentity | undefined;
  #switched: KirokuError | undefined;

  constructor(onSwitched: (error: KirokuError) => void) {
    this.#onSwitched = onSwitched;
  }

  /** Throws `LogMismatch` if the connection leads to another log, or another timeline of it, than the first one did. */
  async check(client: ClientBase): Promise<void> {
    const log = await identityOf(client);
    this.#first ??= log;
    if (log === undefined || this.#first === undefined || isSame(log, this.#first)) return;
    if (this.#switched === undefined) {
      this.#switched = switched(this.#first, log);
      this.#onSwitched(this.#switched);
    }
    throw this.#switched;
  }
}

/** `undefined` if the database is not migrated: that is told by whoever looks for it. */
async function identityOf(client: ClientBase): Promise<LogIdentity | undefined> {
  try {
    return (await client.query<LogIdentity>(statement('read/read_identity').text)).rows[0];
  } catch (error) {
    if (toKirokuError(error).code === 'SchemaTooOld') return undefined;
    throw error;
  }
}

function isSame(one: LogIdentity, other: LogIdentity): boolean {
  return one.id === other.id && one.timeline === other.timeline;
}

function switched(before: LogIdentity, now: LogIdentity): KirokuError {
  return new KirokuError(
    'LogMismatch',
    `The log under this process was log ${before.id}, timeline ${before.timeline}, and is log ${now.id}, timeline ${now.timeline}: it was restored, or another one was put in its place. What this process knows is of the other history, so it ends. Start it again.`,
    { details: { before, now } },
  );
}
