import { readFile } from 'node:fs/promises';

/** Whether a debugger of the system, such as gdb or strace, is attached to a process. Known on Linux alone. */
export async function isTraced(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return /^TracerPid:\s*[1-9]/m.test(status);
}

/** Whether Node has opened a port for a debugger, by what the process wrote to its standard error. */
export function hasOpenedDebugger(output: string): boolean {
  return /^Debugger (listening on|attached)/m.test(output);
}
