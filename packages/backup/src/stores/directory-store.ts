import { createReadStream } from 'node:fs';
import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { KirokuError } from '@kiroku/core';
import type { ObjectStore, StoredObject } from '../ports/object-store.ts';
import { directoryFault } from './directory-fault.ts';
import { isLeftover, replacing, unlessThere, writeDurably } from './durable-file.ts';
import { GivenContent } from './given-content.ts';
import { checkObjectName } from './object-name.ts';

const readBytes = 1 << 20;

/** Objects as files of a directory, which is made by the first; nobody else may read them. */
export class DirectoryStore implements ObjectStore {
  readonly place: string;

  /** Absolute. */
  constructor(directory: string) {
    this.place = directory;
  }

  async put(name: string, content: AsyncIterable<Uint8Array>): Promise<StoredObject> {
    const file = this.#file(name);
    const given = new GivenContent(content);
    try {
      await writeDurably(file, given, replacing);
      return { name, bytes: given.bytes };
    } catch (error) {
      return given.fault(error, (fault) => directoryFault(fault, file));
    }
  }

  async create(name: string, content: Uint8Array): Promise<boolean> {
    const file = this.#file(name);
    return writeDurably(file, [content], unlessThere).catch((error) => {
      throw directoryFault(error, file);
    });
  }

  async *get(name: string): AsyncGenerator<Uint8Array> {
    const file = this.#file(name);
    try {
      yield* createReadStream(file, { highWaterMark: readBytes }) as AsyncIterable<Buffer>;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw directoryFault(error, file);
      throw new KirokuError('NotFound', `There is no ${name} in ${this.place}.`, { cause: error });
    }
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    const names = (await this.#files(prefix)).filter((file) => !isLeftover(file)).map((file) => this.#name(file));
    for (const name of names.filter((each) => each.startsWith(prefix)).sort()) {
      const found = await stat(this.#file(name)).catch((error) => this.#unlessGone(error));
      if (found !== undefined) yield { name, bytes: found.size };
    }
  }

  async delete(name: string): Promise<void> {
    const file = this.#file(name);
    await rm(file, { force: true }).catch((error) => {
      throw directoryFault(error, file);
    });
    await this.#removeEmpty(dirname(file));
  }

  async removeLeftovers(before: Date): Promise<void> {
    for (const file of (await this.#files('')).filter(isLeftover)) {
      const found = await stat(file).catch((error) => this.#unlessGone(error));
      if (found === undefined || found.mtime >= before) continue;
      await rm(file, { force: true });
      await this.#removeEmpty(dirname(file));
    }
  }

  /** This directory and those that it is in, up to the first that something else is in. */
  async #removeEmpty(directory: string): Promise<void> {
    if (directory === this.place) return;
    const isRemoved = await rmdir(directory).then(
      () => true,
      () => false,
    );
    if (isRemoved) await this.#removeEmpty(dirname(directory));
  }

  async #files(prefix: string): Promise<readonly string[]> {
    const directory = join(this.place, prefix.slice(0, prefix.lastIndexOf('/') + 1));
    const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch((error) => this.#unlessGone(error));
    return (entries ?? []).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  }

  #file(name: string): string {
    checkObjectName(name);
    return join(this.place, ...name.split('/'));
  }

  #name(file: string): string {
    return relative(this.place, file).split(sep).join('/');
  }

  #unlessGone(error: NodeJS.ErrnoException): undefined {
    if (error.code !== 'ENOENT') throw directoryFault(error, this.place);
    return undefined;
  }
}
