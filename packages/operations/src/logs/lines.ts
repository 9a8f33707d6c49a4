import type { FileHandle } from 'node:fs/promises';

const chunkBytes = 256 * 1024;
/** What is longer is cut; nothing that services write is. */
const longestLine = 1024 * 1024;
const lineFeed = 0x0a;

/** The lines of a file between two bytes, first to last. What follows the last line feed is one too. */
export async function* linesForward(file: FileHandle, from: number, to: number): AsyncGenerator<string> {
  let rest: readonly Buffer[] = [];
  for await (const chunk of chunksForward(file, from, to)) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      yield textOf([...rest, chunk.subarray(start, end)]);
      rest = [];
      start = end + 1;
    }
    if (start < chunk.length) rest = bounded(rest, chunk.subarray(start));
  }
  if (rest.length > 0) yield textOf(rest);
}

/** The lines of a file up to a byte, last to first. */
export async function* linesBackward(file: FileHandle, to: number): AsyncGenerator<string> {
  let rest: readonly Buffer[] = [];
  let first = true; // the line feed at the end ends a line; it does not begin one
  for (let end = to; end > 0; ) {
    const start = Math.max(0, end - chunkBytes);
    const chunk = await read(file, start, end);
    if (chunk.length === 0) break;
    let lineEnd = chunk.length;
    for (let at = chunk.lastIndexOf(lineFeed); at >= 0; at = at === 0 ? -1 : chunk.lastIndexOf(lineFeed, at - 1)) {
      const line = [chunk.subarray(at + 1, lineEnd), ...rest];
      if (!(first && line.every(({ length }) => length === 0))) yield textOf(line);
      first = false;
      rest = [];
      lineEnd = at;
    }
    rest = boundedBefore(chunk.subarray(0, lineEnd), rest);
    end = start;
  }
  if (rest.some(({ length }) => length > 0)) yield textOf(rest);
}

async function* chunksForward(file: FileHandle, from: number, to: number): AsyncGenerator<Buffer> {
  for (let start = from; start < to; ) {
    const chunk = await read(file, start, Math.min(to, start + chunkBytes));
    if (chunk.length === 0) return; // it became shorter
    start += chunk.length;
    yield chunk;
  }
}

async function read(file: FileHandle, start: number, end: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(end - start);
  const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
  return buffer.subarray(0, bytesRead);
}

function sizeOf(parts: readonly Buffer[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

function bounded(parts: readonly Buffer[], more: Buffer): readonly Buffer[] {
  return sizeOf(parts) > longestLine ? parts : [...parts, more];
}

/** Of a line that is too long the beginning is kept: it has the time and level. */
function boundedBefore(more: Buffer, parts: readonly Buffer[]): readonly Buffer[] {
  return sizeOf(parts) > longestLine ? [more, ...parts.slice(0, 3)] : [more, ...parts];
}

function textOf(parts: readonly Buffer[]): string {
  const [only] = parts;
  const bytes = parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
  if (bytes.length <= longestLine) return bytes.toString('utf8');
  return `${bytes.subarray(0, longestLine).toString('utf8')}… (cut)`;
}
