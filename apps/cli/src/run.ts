import type { KirokuError } from '@kiroku/core';
import { type Command, CommanderError, InvalidArgumentError } from 'commander';
import { exitCodes } from './output/exit-codes.ts';
import { printError } from './output/print.ts';
import { createProgram } from './program.ts';

/** Runs one command line to its end; returns the exit code. */
export async function run(argv: readonly string[]): Promise<number> {
  const words = argv.slice(2);
  let program: Command | undefined;
  let said = '';
  try {
    program = await createProgram(words, (text) => {
      said += text;
    });
    await program.parseAsync(argv);
    return Number(process.exitCode ?? exitCodes.ok);
  } catch (error) {
    if (error instanceof InvalidArgumentError) printError(`error: ${error.message}`); // of a verb: the parser has turned its own into what follows
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : await misused({ program, words, error, said });
    const { isKirokuError } = await import('@kiroku/core'); // help needs nothing of it
    printError(isKirokuError(error) ? withCode(error) : `Unexpected: ${error instanceof Error ? error.stack : String(error)}`);
    return exitCodes.failed;
  }
}

interface Misuse {
  readonly program: Command | undefined;
  readonly words: readonly string[];
  readonly error: CommanderError;
  /** By the parser. */
  readonly said: string;
}

/** The parser does not always see what is wrong: what we know better is said in its place. */
async function misused({ program, words, error, said }: Misuse): Promise<number> {
  const { usageHint } = await import('./output/usage-hint.ts'); // help needs nothing of it
  const hint = program && usageHint(program, words, error);
  if (hint === undefined) process.stderr.write(said);
  else printError(`error: ${hint}`);
  return exitCodes.usage;
}

/** For scripts: the same code that HTTP answers have, at the end; on a line of its own where the message has several. */
function withCode({ message, code }: KirokuError): string {
  return `${message}${message.includes('\n') ? '\n' : ' '}(${code})`;
}
