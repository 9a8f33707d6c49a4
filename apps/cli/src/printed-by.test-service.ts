import { stripVTControlCharacters } from 'node:util';
import { vi } from 'vitest';
import { run } from './run.ts';

/** All that a command line prints, without its colours, and its exit code. */
export async function printedBy(argv: readonly string[]): Promise<{ readonly code: number; readonly printed: string }> {
  let printed = '';
  const keep = (text: string | Uint8Array) => {
    printed += String(text);
    return true;
  };
  const spies = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write').mockImplementation(keep));
  process.exitCode = undefined; // whatever another file of this process has left
  try {
    return { code: await run(argv), printed: stripVTControlCharacters(printed) };
  } finally {
    process.exitCode = undefined;
    for (const spy of spies) spy.mockRestore();
  }
}
