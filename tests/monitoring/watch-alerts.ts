import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { type RunningShop, root } from '../shop/running-shop.ts';

/** `kiroku alerts --watch` at work. */
export function watchAlerts({ dataDirectory, environment }: Pick<RunningShop, 'dataDirectory' | 'environment'>) {
  const child = spawn(process.execPath, [join(root, 'apps/cli/bundle/main.js'), 'alerts', '--watch'], {
    cwd: root,
    env: { ...process.env, ...environment, KIROKU_DATA_DIR: dataDirectory, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += String(chunk);
  });
  return {
    /** Waits until it has said this. */
    until: async (what: RegExp): Promise<void> => vi.waitFor(() => expect(said).toMatch(what), 30_000),
    /** Ends it as Ctrl-C does. */
    interrupt: async (): Promise<{ readonly said: string; readonly code: number | null }> => {
      const exited = once(child, 'exit');
      child.kill('SIGINT');
      const [code] = await exited;
      return { said, code };
    },
    [Symbol.dispose]: () => void child.kill('SIGINT'),
  };
}
