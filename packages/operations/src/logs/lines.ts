import type { FileHandle } from 'node:fs/promises';

const chunkBytes = 256 * 1024;
/** A look back is mostly at one line. */
const firstChunkBytes = 4 * 1024;
/** What is longer is cut; nothing that services write is. */
const longestLine = 1024 * 1024;
const lineFeed = 0x0a;

/** Whole lines of a file that follow one another, without the line feed of the last. */
export interface Block {
  readonly bytes: Buffer;
  /** Byte of the file that the first begins at. */
  readonly start: number;
  /** Byte of the file after the last and its line feed: a line that was cut is longer than its bytes. */
  readonly end: number;
}

export interface Line {
  readonly text: string;
  /** As of a block. */
  readonly start: number;
  readonly end: number;
}

/** Where, from a place in a block on, the next line that is asked for has a byte; -1 if there is none. */
export type Next = (from: number) => number;

/** All lines of a file between two bytes, first to last. What follows the last line feed is one too. */
export async function* blocksForward(file: FileHandle, from: number, to: number): AsyncGenerator<Block> {
  let rest: readonly Buffer[] = [];
  let start = from;
  let position = from;
  for await (const chunk of chunksForward(file, from, to)) {
    const last = chunk.lastIndexOf(lineFeed);
    if (last < 0) rest = bounded(rest, chunk);
    else {
      let begin = 0;
      if (rest.length > 0) {
        begin = chunk.indexOf(lineFeed) + 1;
        yield { bytes: Buffer.concat([...rest, chunk.subarray(0, begin - 1)]), start, end: position + begin };
      }
      if (last >= begin) yield { bytes: chunk.subarray(begin, last), start: position + begin, end: position + last + 1 };
      start = position + last + 1;
      rest = last + 1 < chunk.length ? [chunk.subarray(last + 1)] : [];
    }
    position += chunk.length;
  }
  if (rest.length > 0) yield { bytes: Buffer.concat(rest), start, end: position };
}

/** The same, the last block first; lines in a block stand as in the file. */
export async function* blocksBackward(file: FileHandle, from: number, to: number): AsyncGenerator<Block> {
  let rest: readonly Buffer[] = [];
  let restEnd = to;
  let size = firstChunkBytes;
  for (let end = to; end > from; size = Math.min(size * 2, chunkBytes)) {
    const start = Math.max(from, end - size);
    const read = await readBytes(file, start, end);
    if (read.length === 0) break; // it became shorter
    // the line feed at the end ends a line; it does not begin one
    const chunk = end === to && read.at(-1) === lineFeed ? read.subarray(0, -1) : read;
    const last = chunk.lastIndexOf(lineFeed);
    if (last < 0) rest = boundedBefore(chunk, rest);
    else {
      const first = chunk.indexOf(lineFeed);
      yield { bytes: Buffer.concat([chunk.subarray(last + 1), ...rest]), start: start + last + 1, end: restEnd };
      if (first < last) yield { bytes: chunk.subarray(first + 1, last), start: start + first + 1, end: start + last + 1 };
      rest = [chunk.subarray(0, first)];
      restEnd = start + first + 1;
    }
    end = start;
  }
  if (to > from) yield { bytes: Buffer.concat(rest), start: from, end: restEnd };
}

/** The lines of a block, first to last: all, or those that have a byte that `next` finds. */
export function* linesOf({ bytes, start, end }: Block, next: Next = (from) => from): Generator<Line> {
  for (let at = 0; at <= bytes.length; ) {
    const hit = next(at);
    if (hit < 0) return;
    const lineStart = hit <= at ? at : Math.max(at, bytes.lastIndexOf(lineFeed, hit - 1) + 1);
    const found = bytes.indexOf(lineFeed, hit);
    const lineEnd = found < 0 ? bytes.length : found;
    yield {
      text: textOf(bytes.subarray(lineStart, lineEnd)),
      start: start + lineStart,
      end: found < 0 ? end : start + found + 1,
    };
    at = lineEnd + 1;
  }
}

/** The lines of a block, last to first: those that `next` finds and, while `all` says so, the others. */
export function* linesBackwardOf(block: Block, next: Next | undefined, all: () => boolean): Generator<Line> {
  let to = block.end;
  for (const line of [...linesOf(block, next)].toReversed()) {
    yield* linesBetween(block, { from: line.end, to, all });
    yield line;
    to = line.start;
  }
  yield* linesBetween(block, { from: block.start, to, all });
}

function* linesBetween(
  { bytes, start, end }: Block,
  { from, to, all }: { readonly from: number; readonly to: number; readonly all: () => boolean },
): Generator<Line> {
  if (from >= to || !all()) return;
  const between = bytes.subarray(from - start, to === end ? bytes.length : to - start - 1);
  for (const line of [...linesOf({ bytes: between, start: from, end: to })].toReversed()) {
    if (!all()) return;
    yield line;
  }
}

async function* chunksForward(file: FileHandle, from: number, to: number): AsyncGenerator<Buffer> {
  for (let start = from; start < to; ) {
    const chunk = await readBytes(file, start, Math.min(to, start + chunkBytes));
    if (chunk.length === 0) return; // it became shorter
    start += chunk.length;
    yield chunk;
  }
}

async function readBytes(file: FileHandle, start: number, end: number): Promise<Buffer> {
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
  return sizeOf(parts) > longestLine ? [more, ...parts.slice(0, 4)] : [more, ...parts];
}

function textOf(bytes: Buffer): string {
  if (bytes.length <= longestLine) return bytes.toString('utf8');
  return `${bytes.subarray(0, longestLine).toString('utf8')}… (cut)`;
}
