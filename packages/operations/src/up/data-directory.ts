import { access, constants, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { KirokuError } from '@kiroku/core';

/** Creates the data directory and sees that it can be written. Throws `ConfigurationInvalid`. */
export async function prepareDataDirectory(directory: string): Promise<void> {
  try {
    await makeDirectory(directory);
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    const code = codeOf(cause) ?? String(cause);
    throw new KirokuError(
      'ConfigurationInvalid',
      `The data directory ${directory} cannot be written (${code}), so nothing can be stored. Change its owner or permissions, or set KIROKU_DATA_DIR to another directory.`,
      { cause },
    );
  }
}

// mkdir's own `recursive` never returns where the parent is there but refuses a child with ENOENT, as /proc does (Node 20.20)
async function makeDirectory(directory: string): Promise<void> {
  const made = await tryToMake(directory);
  if (made === undefined) return;
  const parent = dirname(directory);
  if (codeOf(made) !== 'ENOENT' || parent === directory || (await exists(parent))) throw made;
  await makeDirectory(parent);
  const failure = await tryToMake(directory);
  if (failure !== undefined) throw failure;
}

/** Returns why the directory cannot be made; `undefined` if it is there now. */
async function tryToMake(directory: string): Promise<unknown> {
  try {
    await mkdir(directory);
    return undefined;
  } catch (error) {
    const there = await stat(directory).catch(() => undefined);
    return there?.isDirectory() === true ? undefined : error;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
