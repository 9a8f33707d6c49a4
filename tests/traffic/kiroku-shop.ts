import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../apps/shop-traffic/dist/main.js', import.meta.url));

/** Runs `kiroku-shop`, and sends it a Ctrl-C when `interrupt` resolves. */
export async function kirokuShop(
  args: readonly string[],
  interrupt?: Promise<unknown>,
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] });
  void interrupt?.then(() => child.kill('SIGINT'));
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code, stdout, stderr };
}
