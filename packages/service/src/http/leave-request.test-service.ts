import { request } from 'node:http';

/** Asks, and hangs up after a moment or with the first piece of the answer. */
export async function leaveRequest(url: string, method: 'GET' | 'POST' = 'GET'): Promise<void> {
  const asking = request(url, { method, agent: false });
  asking.on('error', () => undefined); // it was broken off
  asking.on('response', (answer) => answer.once('data', () => asking.destroy()));
  const timer = setTimeout(() => asking.destroy(), 100);
  asking.end();
  await new Promise((resolve) => asking.once('close', resolve));
  clearTimeout(timer);
}
