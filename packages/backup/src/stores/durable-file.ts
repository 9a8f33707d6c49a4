import { randomBytes } from 'node:crypto';
import { access, type FileHandle, link, mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const leftover = /^\.[\w.-]+\.[0-9a-f]{12}\.new$/;

/** Whether a file is what a write that was cut off left behind. */
export function isLeftover(file: string): boolean {
  return leftover.test(basename(file));
}

/** Writes a file beside where it goes, makes it durable, and puts it there: it is seen whole or not at all. */
export async function writeDurably(
  file: string,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  place: (from: string, to: string) => Promise<boolean>,
): Promise<boolean> {
  const beside = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString('hex')}.new`);
  const handle = await openIn(beside);
  try {
    try {
      await writeFile(handle, content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    const placed = await place(beside, file);
    await syncDirectory(dirname(file));
    return placed;
  } finally {
    await rm(beside, { force: true });
  }
}

/** In place of what was there. */
export async function replacing(from: string, to: string): Promise<boolean> {
  await rename(from, to);
  return true;
}

/** Only if there is nothing. */
export async function unlessThere(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (!withoutHardLinks.has(code)) throw error;
    return (await isThere(to)) ? false : replacing(from, to);
  }
}

/** What file systems say that have no hard links; on them, two that come at the same moment are not told apart. */
const withoutHardLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function openIn(file: string): Promise<FileHandle> {
  for (let attempt = 1; ; attempt += 1) {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    try {
      return await open(file, 'wx', 0o600);
    } catch (error) {
      // the directory was empty for a moment, and removed
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt === 3) throw error;
    }
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync().catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EINVAL' && error.code !== 'ENOTSUP') throw error; // file systems that have no such thing
    });
  } finally {
    await handle.close();
  }
}
