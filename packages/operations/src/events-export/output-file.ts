import { once } from 'node:events';
import { open, rename, rm } from 'node:fs/promises';
import { KirokuError } from '@kiroku/core';

/** Where an export goes. */
export interface Output {
  write(text: string): Promise<void>;
  /** All is there: makes it last. */
  finish(): Promise<void>;
  /** Not all is there: removes what was written, if it can be. */
  discard(): Promise<void>;
}

/** A file that has its name only once it is whole: until then it is called `….partial`. Replaces one that is there. Throws `BadRequest`. */
export async function outputFile(file: string): Promise<Output> {
  const partial = `${file}.partial`;
  // events may hold what is not everybody's to read
  const handle = await open(partial, 'w', 0o600).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new KirokuError('BadRequest', `${file} cannot be written, so nothing was exported: ${why}.`, { cause });
  });
  return {
    write: (text) => handle.appendFile(text),
    finish: async () => {
      await handle.sync();
      await handle.close();
      await rename(partial, file);
    },
    discard: async () => {
      await handle.close();
      await rm(partial, { force: true });
    },
  };
}

/** Another program's input, as quick as that reads. */
export function outputStream(stream: NodeJS.WritableStream): Output {
  return {
    write: async (text) => {
      if (!stream.write(text)) await once(stream, 'drain');
    },
    finish: () => Promise.resolve(),
    discard: () => Promise.resolve(),
  };
}
