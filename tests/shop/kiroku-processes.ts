import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const program = fileURLToPath(new URL('kiroku-process.mjs', import.meta.url));
const idle: ChildProcess[] = [];

/** Runs a command line of `kiroku` in a process that has run others before, or in a new one if all are at work. They end with ours. */
export async function runKiroku(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<Said> {
  const child = idle.pop() ?? forked();
  const done = new AbortController();
  const ended = once(child, 'exit', done).then(([code, signal]: unknown[]) => {
    throw new Error(`kiroku ${args.join(' ')} has ended its process (${String(signal ?? code)}).`);
  });
  const answered = once(child, 'message', done);
  child.send({ args, environment });
  try {
    const [said] = await Promise.race([answered, ended]);
    idle.push(child);
    return said as Said; // what kiroku-process.mjs sends
  } finally {
    for (const waiting of [answered, ended]) waiting.catch(() => undefined); // one has come, the other is given up
    done.abort();
  }
}

function forked(): ChildProcess {
  // it runs what is built, not the sources that the tests run; has no terminal, and nothing of ours that it keeps open; and whether it prints in
  // colour, which CI asks for, is settled when its code is loaded
  const env = { ...process.env, NO_COLOR: '1' };
  const child = fork(program, { cwd: root, env, execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  child.unref();
  child.channel?.unref();
  return child;
}
