import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Pack, pack } from 'tar-stream';
import { hasCode } from '../embedded/error-code.ts';

/** What a tar is filled with. */
export interface TarWriter {
  directory(path: string): Promise<void>;
  text(path: string, content: string): Promise<void>;
  bytes(path: string, content: Uint8Array): Promise<void>;
  /** A file that may grow, shrink or vanish while it is read: what is kept has the size that it had when it was opened, or it is left out. */
  file(path: string, from: string): Promise<void>;
}

// files are read in such pieces; 1 MiB is as quick as more
const pieceBytes = 1024 * 1024;

/**
 * A tar of what `fill` writes, while it is read. `onBytes` is told of the content as it goes. Nothing begins before it is read: a fault that came
 * before anybody listens would end the process.
 */
export async function* tarOf(
  fill: (tar: TarWriter) => Promise<void>,
  onBytes: (bytes: number) => void = () => undefined,
): AsyncGenerator<Uint8Array> {
  const tar = pack();
  const filled = fill({
    directory: (path) => entry(tar, { name: path, type: 'directory', mode: 0o700 }, new Uint8Array()),
    text: (path, content) => entry(tar, { name: path, mode: 0o600 }, Buffer.from(content)),
    bytes: (path, content) => entry(tar, { name: path, mode: 0o600 }, content),
    file: (path, from) => addFile(tar, { path, from, onBytes }),
  });
  filled.then(
    () => tar.finalize(),
    (error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  yield* tar as AsyncIterable<Uint8Array>; // a tar is bytes; its type does not say so
}

/** Files of a directory, by name. */
export function tarOfFiles(directory: string, names: readonly string[], onBytes?: (bytes: number) => void): AsyncIterable<Uint8Array> {
  return tarOf(async (tar) => {
    for (const name of names) await tar.file(name, join(directory, name));
  }, onBytes);
}

type Header = Parameters<Pack['entry']>[0];

function entry(tar: Pack, header: Header, content: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    tar.entry({ ...header, size: content.length }, Buffer.from(content.buffer, content.byteOffset, content.length), (error) =>
      error ? reject(error) : resolve(),
    );
  });
}

interface AddedFile {
  readonly path: string;
  readonly from: string;
  readonly onBytes: (bytes: number) => void;
}

async function addFile(tar: Pack, { path, from, onBytes }: AddedFile): Promise<void> {
  const file = await open(from, 'r').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined; // a relation that was dropped: the write-ahead log says so too
    throw error;
  });
  if (file === undefined) return;
  try {
    const { size } = await file.stat();
    await copyInto(tar, { name: path, size, mode: 0o600 }, pieces(file, size, onBytes));
  } finally {
    await file.close();
  }
}

async function copyInto(tar: Pack, header: Header, content: AsyncIterable<Uint8Array>): Promise<void> {
  let settle: (error?: Error | null) => void = () => undefined;
  const written = new Promise<void>((resolve, reject) => {
    settle = (error) => (error ? reject(error) : resolve());
  });
  written.catch(() => undefined); // awaited below, unless reading fails before
  const sink = tar.entry(header, (error) => settle(error));
  for await (const piece of content) {
    if (!sink.write(piece)) await Promise.race([new Promise<void>((drained) => sink.once('drain', () => drained())), written]);
  }
  sink.end(undefined);
  await written;
}

/** Exactly `size` bytes: a file that became shorter goes on with zeros, as its pages will when the write-ahead log is applied. */
async function* pieces(file: FileHandle, size: number, onBytes: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < size; ) {
    const piece = Buffer.allocUnsafe(Math.min(pieceBytes, size - at));
    const { bytesRead } = await file.read(piece, 0, piece.length, at);
    if (bytesRead === 0) piece.fill(0);
    const whole = bytesRead === 0 ? piece : piece.subarray(0, bytesRead);
    at += whole.length;
    onBytes(whole.length);
    yield whole;
  }
}
