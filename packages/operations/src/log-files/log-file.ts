import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Where a service writes its log. Older ones beside it end in `.1`, `.2`, …, the larger the older. */
export function logFile(dataDirectory: string, service: string): string {
  return join(dataDirectory, 'logs', `${service}.log`);
}

export async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

/** The text of a file from a byte on, at most the last `limit` bytes of it. All of it if it is shorter by now, as another file. */
export async function readFrom(file: string, from: number, limit = 64 * 1024): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const start = Math.max(from > size ? 0 : from, size - limit);
    const buffer = Buffer.alloc(size - start);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, start);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await handle.close();
  }
}

/** The last lines of a text. */
export function lastLines(text: string, count: number): readonly string[] {
  const trimmed = text.trimEnd();
  return trimmed === '' ? [] : trimmed.split('\n').slice(-count);
}
