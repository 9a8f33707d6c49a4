import { createInterface } from 'node:readline/promises';
import { printError } from './print.ts';

/** Whether somebody sits at a terminal who can be asked. */
export const canAsk = (): boolean => process.stdin.isTTY && process.stderr.isTTY;

/**
 * Whether whoever sits at the terminal says yes; without a terminal nobody does. Ctrl-C, Ctrl-D, a terminal that is closed and `signal` are a no.
 */
export async function isAgreedTo(question: string, signal?: AbortSignal): Promise<boolean> {
  if (!canAsk()) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new AbortController();
  terminal.once('close', () => closed.abort());
  try {
    const ended = signal === undefined ? closed.signal : AbortSignal.any([closed.signal, signal]);
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `, { signal: ended })).trim());
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
    printError(''); // the cursor stands behind the question
    return false;
  } finally {
    terminal.close();
  }
}
