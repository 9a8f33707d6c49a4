import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ifCode } from './if-code.ts';
import { isKeyFile } from './pack-keys.ts';
import { readingKeys } from './reading-keys.ts';

/** What is new in a store of keys, or was replaced. */
export interface FoundKeys {
  /** When the look for it began: what is older is in it, or was found before. */
  readonly at: Date;
  /** Paths within the store. */
  readonly paths: readonly string[];
  /** It is kept, and need not be found again. */
  settle(): void;
}

interface Changed {
  readonly path: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A directory may change again within one step of its clock, of which FAT's has two seconds. */
const stepMs = 5_000;

/**
 * Looks for changes in a store of keys. Only directories that have changed are read: a key comes, and goes, by a change of its directory. So a look
 * at a store in which nothing changed takes some 250 calls of `stat`, however many keys it has.
 */
export class ChangedKeys {
  readonly #directory: string;
  /** Times of directories as of when they were settled. */
  readonly #directories = new Map<string, number>();
  /** Files that were found, and changed so lately that their time alone would have them found again. */
  #found = new Map<string, number>();
  /** Clocks are put right, and file systems have one of their own: what changed so shortly before is looked at again. */
  readonly #slackMs: number;
  #since: number;

  /** Finds what changed since then. `slackMs`: how much longer before, for clocks that differ. Default: ten minutes. */
  constructor(directory: string, since: Date, slackMs = 600_000) {
    this.#directory = directory;
    this.#slackMs = slackMs;
    this.#since = since.getTime();
  }

  /** Throws `KeyStoreUnavailable`. */
  find(): Promise<FoundKeys> {
    return readingKeys(this.#directory, () => this.#find());
  }

  async #find(): Promise<FoundKeys> {
    const at = new Date();
    const from = Math.min(this.#since, at.getTime()) - this.#slackMs;
    const directories = (await this.#timesOf(await this.#namesOfDirectories())).filter(({ path, at: changedAt }) => {
      const before = this.#directories.get(path);
      return before === undefined ? changedAt >= from : before !== changedAt;
    });
    const files: Changed[] = [];
    for (const { path } of directories) files.push(...(await this.#timesOf(await this.#keysIn(path))));
    const found = files.filter((file) => file.at >= from && this.#found.get(file.path) !== file.at);
    return { at, paths: found.map(({ path }) => path), settle: () => this.#settle(at.getTime(), directories, found) };
  }

  #settle(at: number, directories: readonly Changed[], found: readonly Changed[]): void {
    this.#since = at;
    for (const directory of directories) if (directory.at < at - stepMs) this.#directories.set(directory.path, directory.at);
    const lately = [...this.#found].filter(([, changedAt]) => changedAt >= at - this.#slackMs);
    this.#found = new Map([...lately, ...found.map(({ path, at: changedAt }) => [path, changedAt] as const)]);
  }

  async #namesOfDirectories(): Promise<readonly string[]> {
    const names = await readdir(this.#directory).catch(ifCode('ENOENT', [])); // made with the first key
    return ['', ...names.filter((name) => /^[0-9a-f]{2}$/.test(name))];
  }

  async #keysIn(directory: string): Promise<readonly string[]> {
    const names = await readdir(join(this.#directory, directory)).catch(ifCode('ENOENT', []));
    return names.map((name) => (directory === '' ? name : `${directory}/${name}`)).filter(isKeyFile);
  }

  /** By `ctime`, which also a file that was copied or linked here has of now. */
  async #timesOf(paths: readonly string[]): Promise<readonly Changed[]> {
    const looked = paths.map(async (path) => {
      const found = await stat(join(this.#directory, path)).catch(ifCode('ENOENT', []));
      return Array.isArray(found) ? [] : [{ path, at: found.ctimeMs }];
    });
    return (await Promise.all(looked)).flat();
  }
}
