import { execFile } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { chown, mkdir, mkdtemp, open, rm, rmdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const block = Buffer.alloc(4_096);

/** A file system small enough to be filled. */
export class SmallDisk implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Only root may, where the system lets it. */
  static async mount(megabytes: number): Promise<SmallDisk> {
    const path = await mkdtemp(join(tmpdir(), 'kiroku-disk-'));
    try {
      await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0755`, 'kiroku-tests', path]);
    } catch (error) {
      await rmdir(path);
      throw error;
    }
    return new SmallDisk(path);
  }

  /** May we? */
  static async mayMount(): Promise<boolean> {
    try {
      await using _disk = await SmallDisk.mount(1);
      return true;
    } catch {
      return false;
    }
  }

  /** A directory on it that belongs to whom another belongs to. */
  async directory(name: string, likeOther: string): Promise<string> {
    const directory = join(this.path, name);
    const { uid, gid } = await stat(likeOther);
    await mkdir(directory);
    await chown(directory, uid, gid);
    return directory;
  }

  /** Leaves room for so many bytes. */
  async fill({ leave = 0 }: { readonly leave?: number } = {}): Promise<void> {
    const file = await open(join(this.path, 'filler'), 'w');
    try {
      for (;;) await file.write(block);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      const { size } = await file.stat();
      await file.truncate(size - leave);
    } finally {
      await file.close();
    }
  }

  /** Leaves no room, before anything else of this process may write. */
  fillNow(): void {
    const file = openSync(join(this.path, 'filler'), 'a');
    try {
      for (const size of [1 << 20, 1 << 12]) writeUntilFull(file, Buffer.alloc(size));
    } finally {
      closeSync(file);
    }
  }

  /** Gives all the room back. */
  async free(): Promise<void> {
    await rm(join(this.path, 'filler'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run('umount', ['--lazy', this.path]); // it is let go with the last file that is open
    await rmdir(this.path);
  }
}

function writeUntilFull(file: number, bytes: Buffer): void {
  try {
    for (;;) writeSync(file, bytes);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  }
}

export const mayMount: boolean = await SmallDisk.mayMount();

/** Ends the name of a test for which no disk may be mounted; empty if one may. */
export const missingDisk: string = mayMount ? '' : ' (needs to mount a file system, as root, which is not permitted here)';
