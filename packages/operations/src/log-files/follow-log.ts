import { setTimeout as sleep } from 'node:timers/promises';
import { readFrom, sizeOf } from './log-file.ts';

const pollMs = 200;

/** Tells every line that is added to a file, until the signal fires. A file that is not there yet, or was put aside, is read from its beginning. */
export async function followLog(file: string, onLine: (line: string) => void, signal: AbortSignal): Promise<void> {
  let position = await sizeOf(file);
  let partial = '';
  while (!signal.aborted) {
    const size = await sizeOf(file);
    if (size < position) position = 0;
    if (size > position) {
      const { text, end } = await readFrom(file, position);
      position = end;
      const lines = (partial + text).split('\n');
      partial = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    }
    await sleep(pollMs, undefined, { signal, ref: false }).catch(() => undefined); // aborted: the loop ends
  }
}
