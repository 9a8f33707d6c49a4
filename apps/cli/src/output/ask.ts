import { createInterface } from 'node:readline/promises';

/** Whether whoever sits at the terminal says yes; without a terminal nobody does. */
export async function isAgreedTo(question: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
