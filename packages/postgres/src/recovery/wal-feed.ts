import { access, chown, copyFile, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KirokuError } from '@kiroku/core';
import type { ServerPlace } from '../embedded/server-place.ts';
import { installScript } from '../embedded/server-script.ts';
import { parseSegment, segmentName } from '../physical-backup/wal-name.ts';

/** Where a recovering server's write-ahead log comes from. */
export interface WalSource {
  /** What is kept by now, by PostgreSQL's names. */
  archived(): Promise<ReadonlySet<string>>;
  read(name: string): AsyncIterable<Uint8Array>;
  /** `pg_wal` of the cluster that wrote it, for what was not kept yet. */
  readonly live?: string | undefined;
}

export interface WalFeedOptions extends ServerPlace {
  readonly source: WalSource;
  readonly segmentBytes: number;
  /** Told of what was handed out. */
  readonly onSegment?: (name: string) => void;
}

const turnMs = 10;

/**
 * Hands a recovering server the write-ahead log that it asks for, through files (sh/restore-wal.sh): so that neither the place nor the key of
 * the backups need be known to the server, and it need not be able to reach them. The next segment is fetched while one is applied.
 */
export class WalFeed implements AsyncDisposable {
  /** For the settings. */
  readonly restoreCommand: string;
  readonly #options: WalFeedOptions;
  readonly #fetched = new Map<string, Promise<boolean>>();
  readonly #closing = new AbortController();
  #archived: ReadonlySet<string> = new Set();
  #serving: Promise<void> = Promise.resolve();
  #fault: unknown;

  private constructor(options: WalFeedOptions, command: string) {
    this.#options = options;
    this.restoreCommand = `${command} "%f" "%p"`;
  }

  static async open(options: WalFeedOptions): Promise<WalFeed> {
    const { home, account } = options;
    const directory = feedOf(options);
    await rm(directory, { recursive: true, force: true });
    for (const path of [directory, ...['wanted', 'given', 'missing'].map((name) => join(directory, name))]) {
      await mkdir(path, { recursive: true, mode: 0o700 });
      if (account !== undefined) await chown(path, account.uid, account.gid);
    }
    const feed = new WalFeed(options, await installScript({ name: 'restore-wal', directory, account }));
    feed.#archived = await options.source.archived();
    await feed.#touch('open');
    feed.#serving = feed.#serve(join(home.directory, 'cluster', 'pg_wal'));
    return feed;
  }

  /** Why it could not hand out what there should be. */
  get fault(): unknown {
    return this.#fault;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#serving;
    await Promise.allSettled(this.#fetched.values());
    await rm(feedOf(this.#options), { recursive: true, force: true });
  }

  async #serve(ownWal: string): Promise<void> {
    const own = new Set(await readdir(ownWal));
    const wanted = join(feedOf(this.#options), 'wanted');
    while (!this.#closing.signal.aborted && this.#fault === undefined) {
      for (const name of await readdir(wanted)) {
        await rm(join(wanted, name), { force: true });
        await this.#answer(name, own).catch((error: unknown) => {
          this.#fault ??= error;
        });
      }
      await sleep(turnMs);
    }
    await rm(join(feedOf(this.#options), 'open'), { force: true }); // whoever waits, waits no longer
  }

  async #answer(name: string, own: ReadonlySet<string>): Promise<void> {
    if (!(await this.#fetch(name, own))) return this.#touch(join('missing', name));
    this.#options.onSegment?.(name);
    const next = this.#after(name);
    if (next !== undefined && this.#archived.has(next)) this.#fetch(next, own).catch(() => undefined); // asked for it, that tells
  }

  /** Puts it where the server finds it; `false` if there is none. */
  #fetch(name: string, own: ReadonlySet<string>): Promise<boolean> {
    const begun = this.#fetched.get(name);
    if (begun !== undefined) return begun;
    const fetching = this.#bring(name, own);
    this.#fetched.set(name, fetching);
    void fetching.catch(() => undefined).then(() => this.#fetched.delete(name));
    return fetching;
  }

  async #bring(name: string, own: ReadonlySet<string>): Promise<boolean> {
    const { source } = this.#options;
    const unfinished = join(feedOf(this.#options), `${name}.part`);
    if (await isThere(join(feedOf(this.#options), 'given', name))) return true;
    if (!this.#archived.has(name)) {
      if (own.has(name)) return false; // the server finds it by itself
      if (!(await this.#copyLive(name, unfinished)) && !(await this.#isArchivedByNow(name))) return false;
    }
    if (this.#archived.has(name)) await writeFileFrom(source.read(name), unfinished);
    const { account } = this.#options;
    if (account !== undefined) await chown(unfinished, account.uid, account.gid);
    await rename(unfinished, join(feedOf(this.#options), 'given', name));
    return true;
  }

  async #copyLive(name: string, to: string): Promise<boolean> {
    const { live } = this.#options.source;
    if (live === undefined) return false;
    return copyFile(join(live, name), to).then(
      () => true,
      () => false, // it was never there, or has just been archived and removed
    );
  }

  async #isArchivedByNow(name: string): Promise<boolean> {
    this.#archived = await this.#options.source.archived();
    if (this.#archived.has(name)) return true;
    this.#requireEnd(name);
    return false;
  }

  /** Throws `WalMissing` if the log goes on after what is not there. */
  #requireEnd(name: string): void {
    const { segmentBytes } = this.#options;
    const wanted = parseSegment(name, segmentBytes);
    if (wanted === undefined) return;
    const later = [...this.#archived].filter((kept) => {
      const segment = parseSegment(kept, segmentBytes);
      return segment !== undefined && segment.walTimeline === wanted.walTimeline && segment.number > wanted.number;
    });
    if (later.length > 0) throw walMissing(name, later.length);
  }

  #after(name: string): string | undefined {
    const segment = parseSegment(name, this.#options.segmentBytes);
    return segment && segmentName({ ...segment, number: segment.number + 1n }, this.#options.segmentBytes);
  }

  async #touch(name: string): Promise<void> {
    const file = await open(join(feedOf(this.#options), name), 'w', 0o644);
    await file.close();
  }
}

export function walMissing(name: string, later: number): KirokuError {
  return new KirokuError(
    'WalMissing',
    `The segment ${name} of the write-ahead log is not in the archive, though ${later} after it are: nothing after it can be restored. Restore to a time before it, or from a backup after it, and make a new backup now.`,
    { details: { segment: name } },
  );
}

function feedOf({ home }: Pick<WalFeedOptions, 'home'>): string {
  return join(home.directory, 'feed');
}

async function writeFileFrom(content: AsyncIterable<Uint8Array>, path: string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    for await (const chunk of content) await file.writeFile(chunk);
  } finally {
    await file.close();
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
