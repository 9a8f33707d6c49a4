import { createHash, randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import {
  type DatesForgetting,
  isKirokuError,
  type JudgesKeyFiles,
  type KeyFileText,
  type KeyFileVerdict,
  type KeyStore,
  KirokuError,
} from '@kiroku/core';
import { codeOf, filesBeside, makePrivateDirectory, readIfThere, removeAll, replaceDurably, unfinishedOf } from './durable-file.ts';
import { judgeKeyFile } from './judge-key-file.ts';
import { parseKeyFile, timeOfForgetting, tombstone, unwrappedKey, wrappedKey } from './key-file.ts';
import { KeyFiles } from './key-files.ts';
import { type MasterKey, masterKeys, masterOfSecret, masterOfText, mastersThere } from './master-key.ts';

export interface FileKeyStoreOptions {
  /** Absolute. Created when the first key is. All processes of an installation use the same. */
  readonly directory: string;
  /** SECRET_KEY_BASE: the keys are wrapped with what is derived from it. Default: a key that is generated beside them. */
  readonly secret?: string;
}

type MasterKeys = readonly [MasterKey, ...MasterKey[]];

/** A directory with one file per subject, hardly ever several. Files are created and replaced as a whole, so any number of processes may use it at once. */
export class FileKeyStore implements KeyStore, DatesForgetting, JudgesKeyFiles {
  readonly #directory: string;
  readonly #secret: string | undefined;
  readonly #files = new KeyFiles();
  #masters: Promise<MasterKeys> | undefined;
  /** For judging, by their texts, and that of the secret: deriving one takes longer than what it is for. */
  readonly #judging = new Map<string, MasterKey | undefined>();
  #ofSecret: MasterKey | undefined;

  constructor({ directory, secret }: FileKeyStoreOptions) {
    this.#directory = directory;
    this.#secret = secret;
  }

  keyFor(subject: string): Promise<Uint8Array> {
    return this.#reporting(async () => {
      const file = this.#fileOf(subject);
      const [master] = await this.#masterKeys();
      const key = Uint8Array.from(randomBytes(32));
      const there = await this.#readOrCreate(file, wrappedKey(key, nameOf(subject), master));
      if (there === undefined) return key;
      const found = await this.#open(subject, there);
      if (found === 'forgotten') throw forgotten(subject);
      return found;
    });
  }

  findKey(subject: string): Promise<Uint8Array | 'forgotten' | undefined> {
    return this.#reporting(() => this.#read(subject));
  }

  /** They are named like the subject's own, and told apart by what follows. A restore puts them there. */
  findOtherKeys(subject: string): Promise<readonly Uint8Array[]> {
    return this.#reporting(async () => {
      if ((await this.#read(subject)) === 'forgotten') return [];
      const contents = await Promise.all((await this.#othersOf(subject)).map(readIfThere));
      const there = contents.filter((each) => each !== undefined);
      const keys = await Promise.all(there.map((each) => this.#open(subject, each.toString())));
      return keys.filter((key) => key instanceof Uint8Array);
    });
  }

  forget(subject: string): Promise<void> {
    return this.#reporting(async () => {
      const file = this.#fileOf(subject);
      await makePrivateDirectory(dirname(file));
      if ((await this.#read(subject).catch(damagedIsGone)) !== 'forgotten') {
        await replaceDurably(file, tombstone(new Date())); // one step: no key is left, and none can be made in its place
      }
      await removeAll([...(await unfinishedOf(file)), ...(await this.#othersOf(subject))]);
    });
  }

  forgottenAt(subject: string): Promise<string | undefined> {
    return this.#reporting(async () => {
      const content = await readIfThere(this.#fileOf(subject));
      return content === undefined ? undefined : timeOfForgetting(content.toString());
    });
  }

  judge(file: KeyFileText, masters: readonly string[]): KeyFileVerdict {
    if (this.#secret !== undefined) this.#ofSecret ??= masterOfSecret(this.#secret);
    for (const text of masters) if (!this.#judging.has(text)) this.#judging.set(text, masterOfText('master.key', text));
    const all = [this.#ofSecret, ...masters.map((text) => this.#judging.get(text))];
    return judgeKeyFile(
      file,
      all.filter((master) => master !== undefined),
    );
  }

  /** There are few directories, and soon all of them are there: they are not made, which would take a step each time, unless one is missing. */
  async #readOrCreate(file: string, content: string): Promise<string | undefined> {
    try {
      return await this.#files.readOrCreate(file, content);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      await makePrivateDirectory(dirname(file));
      return this.#files.readOrCreate(file, content);
    }
  }

  async #read(subject: string): Promise<Uint8Array | 'forgotten' | undefined> {
    const content = await readIfThere(this.#fileOf(subject));
    return content === undefined ? undefined : this.#open(subject, content.toString());
  }

  async #open(subject: string, content: string): Promise<Uint8Array | 'forgotten'> {
    const file = this.#fileOf(subject);
    try {
      const parsed = parseKeyFile(content);
      if (parsed.state === 'forgotten') return 'forgotten';
      return unwrappedKey(parsed.wrapped, nameOf(subject), await this.#masterOf(file, parsed.master));
    } catch (error) {
      throw isKirokuError(error) || codeOf(error) !== undefined ? error : damaged(file, error);
    }
  }

  async #masterOf(file: string, id: string): Promise<MasterKey> {
    const known = (await this.#masters)?.find((master) => master.id === id);
    if (known !== undefined) return known;
    const { current, others } = await mastersThere(this.#directory, this.#secret); // it may have been put back since
    if (current !== undefined) this.#masters = Promise.resolve([current, ...others]);
    const found = [current, ...others].find((master) => master?.id === id);
    if (found === undefined) throw wrongMaster(file, current);
    return found;
  }

  #masterKeys(): Promise<MasterKeys> {
    this.#masters ??= makePrivateDirectory(this.#directory).then(() =>
      masterKeys(this.#directory, { secret: this.#secret, files: this.#files }),
    );
    this.#masters.catch(() => {
      this.#masters = undefined; // the next call tries again
    });
    return this.#masters;
  }

  #othersOf(subject: string): Promise<readonly string[]> {
    const file = this.#fileOf(subject);
    const other = new RegExp(`^${nameOf(subject)}-[0-9a-f]{16}\\.json$`);
    return filesBeside(file, (name) => other.test(name));
  }

  #fileOf(subject: string): string {
    const name = nameOf(subject);
    return join(this.#directory, name.slice(0, 2), `${name}.json`);
  }

  async #reporting<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (cause) {
      if (isKirokuError(cause)) throw cause;
      throw new KirokuError(
        'KeyStoreUnavailable',
        `The keys in ${this.#directory} cannot be used (${codeOf(cause) ?? String(cause)}), so no personal data can be stored or read. Look at its permissions and disk space, or set KIROKU_KEY_DIR.`,
        { cause },
      );
    }
  }
}

/** File names must not say whose keys they are, nor depend on what a file system takes for the same name. */
function nameOf(subject: string): string {
  return createHash('sha256').update(subject).digest('hex');
}

function damagedIsGone(error: unknown): undefined {
  if (!isKirokuError(error, 'KeyMissing')) throw error;
}

function forgotten(subject: string): KirokuError {
  return new KirokuError('SubjectForgotten', `${subject} was forgotten, so nothing personal can be stored about it. Use a new id.`, {
    details: { subject },
  });
}

function wrongMaster(file: string, current: MasterKey | undefined): KirokuError {
  const why = current === undefined ? 'a master key that is not there' : `another master key than that of ${current.source}`;
  return new KirokuError(
    'KeyMissing',
    `${file} was wrapped with ${why}, so it does not open. Set SECRET_KEY_BASE to what it was, or put master.key back from a backup: \`kiroku restore keys\`.`,
  );
}

function damaged(file: string, cause: unknown): KirokuError {
  return new KirokuError(
    'KeyMissing',
    `${file} is damaged, so personal data cannot be read. Put it back from a backup: \`kiroku restore keys\`.`,
    {
      cause,
    },
  );
}
