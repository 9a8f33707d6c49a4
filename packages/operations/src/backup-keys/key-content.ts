import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** What a file of a key store says of its subject: that there is a key, or that it was forgotten. Neither: the master key, or what is damaged. */
export type KeyState = 'key' | 'forgotten' | undefined;

export interface KeyContent {
  readonly state: KeyState;
  readonly text: string;
}

/** `undefined` if there is no such file. */
export async function readKeyContent(file: string | undefined): Promise<KeyContent | undefined> {
  if (file === undefined) return undefined;
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : { text, state: stateIn(text) };
}

function stateIn(text: string): KeyState {
  try {
    const content: unknown = JSON.parse(text);
    if (typeof content !== 'object' || content === null || !('state' in content)) return undefined;
    return content.state === 'key' || content.state === 'forgotten' ? content.state : undefined;
  } catch {
    return undefined;
  }
}

/** Where a key goes if another one is in its file: it was lost, and that one made in its place. `FileKeyStore` finds it there. */
export function otherPath(path: string, { text }: Pick<KeyContent, 'text'>): string {
  return path.replace(/\.json$/, `-${createHash('sha256').update(text).digest('hex').slice(0, 16)}.json`);
}

/** The file that says whether the subject of such a key was forgotten; `undefined` if the key is in its own file. */
export function subjectPath(path: string): string | undefined {
  const own = path.replace(/-[0-9a-f]{16}\.json$/, '.json');
  return own === path ? undefined : own;
}
