import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { KirokuError } from '@kiroku/core';
import type { Account } from '../embedded/account.ts';

export interface ToolRun {
  readonly file: string;
  readonly args: readonly string[];
  /** Besides PATH and the locale: nothing else of this process's environment, which has secrets, goes on. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whom it runs as. Default: as we do. */
  readonly account?: Account | undefined;
  readonly signal?: AbortSignal;
}

const keptOfSaid = 8_000;

/** Runs a program to its end and returns what it printed. Throws `ToolFailed` with what it said. */
export async function runTool(run: ToolRun): Promise<string> {
  const printed: Uint8Array[] = [];
  for await (const chunk of toolOutput(run)) printed.push(chunk);
  return Buffer.concat(printed).toString('utf8');
}

/** What a program prints, as it comes. Throws `ToolFailed` after the last of it if the program was not content: what was read counts for nothing then. */
export async function* toolOutput(run: ToolRun): AsyncGenerator<Uint8Array> {
  const { child, ended } = start(run);
  child.stdin.end();
  try {
    for await (const chunk of child.stdout) yield chunk as Uint8Array; // no encoding is set
    await ended;
  } finally {
    child.kill(); // whoever reads may stop before the end
    await ended.catch(() => undefined);
  }
}

/** Feeds a program. Throws `ToolFailed`, or what the content threw. */
export async function feedTool(run: ToolRun, content: AsyncIterable<Uint8Array>): Promise<void> {
  const { child, ended } = start(run);
  child.stdout.resume();
  const fed = pipeline(Readable.from(content), child.stdin);
  try {
    await Promise.all([ended, fed.catch(unlessEnded)]);
  } catch (error) {
    child.kill();
    await Promise.allSettled([fed, ended]);
    throw error;
  }
}

// it ended before it had read all: what it says of that is the better message
async function unlessEnded(error: unknown): Promise<void> {
  if (error instanceof Error && 'code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_PREMATURE_CLOSE')) return;
  throw error;
}

function start({ file, args, env, account, signal }: ToolRun): {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<void>;
} {
  const child = spawn(file, args, {
    cwd: '/',
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', TZ: 'UTC', ...env },
    ...(account !== undefined && { uid: account.uid, gid: account.gid }),
    ...(signal !== undefined && { signal }),
  });
  const ended = end(child, file);
  ended.catch(() => undefined); // whoever waits is told
  return { child, ended };
}

async function end(child: ChildProcessWithoutNullStreams, file: string): Promise<void> {
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-keptOfSaid);
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  if (code === 0) return;
  const why = said.trim() === '' ? `It said nothing.` : said.trim();
  throw new KirokuError('ToolFailed', `${basename(file)} ended with ${signal ?? `exit code ${code}`}. ${why}`, {
    details: { tool: basename(file), said },
  });
}
