import { mkdir, open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';

const rotateAtBytes = 20 * 1024 * 1024;

export function logFile(dataDirectory: string, service: string): string {
  return join(dataDirectory, 'logs', `${service}.log`);
}

/** Opens a service's log to append to. One that has grown large is put aside as `….log.1` first. */
export async function openLogFile(dataDirectory: string, service: string) {
  const file = logFile(dataDirectory, service);
  await mkdir(join(dataDirectory, 'logs'), { recursive: true });
  const size = await sizeOf(file);
  if (size > rotateAtBytes) await rename(file, `${file}.1`);
  return open(file, 'a');
}

export async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

/** The text of a file from a byte on, at most the last `limit` bytes of it. */
export async function readFrom(file: string, from: number, limit = 64 * 1024): Promise<{ readonly text: string; readonly end: number }> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const start = Math.max(from, size - limit);
    const buffer = Buffer.alloc(Math.max(size - start, 0));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, start);
    return { text: buffer.subarray(0, bytesRead).toString('utf8'), end: start + bytesRead };
  } finally {
    await handle.close();
  }
}

/** The last lines of a text. */
export function lastLines(text: string, count: number): readonly string[] {
  const trimmed = text.trimEnd();
  return trimmed === '' ? [] : trimmed.split('\n').slice(-count);
}
