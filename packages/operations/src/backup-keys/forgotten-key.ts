import { readFile } from 'node:fs/promises';

/** Whether this file of a key store says that a subject was forgotten. `false` if there is none. */
export async function isForgotten(file: string): Promise<boolean> {
  try {
    const content: unknown = JSON.parse(await readFile(file, 'utf8'));
    return typeof content === 'object' && content !== null && 'state' in content && content.state === 'forgotten';
  } catch {
    return false; // the master key, or one that is damaged
  }
}
