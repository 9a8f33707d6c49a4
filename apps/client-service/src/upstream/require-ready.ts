import { toldReasons } from '@kiroku/operations';
import { request } from 'undici';

/** Throws with the reason unless the service at `url` says it is ready. */
export async function requireReady(url: string, signal: AbortSignal): Promise<void> {
  const { statusCode, body } = await request(`${url}/health/ready`, { signal });
  const answer = await body.text();
  if (statusCode !== 200) throw new Error(`not ready (${statusCode}): ${reasonOf(answer)}`);
}

function reasonOf(answer: string): string {
  try {
    const { state, reason, dependencies = {} } = JSON.parse(answer);
    const down = Object.entries<{ state?: string; reason?: string }>(dependencies).filter(([, each]) => each.state === 'down');
    return [state, reason, toldReasons(down.map(([name, each]) => [name, each.reason ?? 'it gave no reason']))].filter(Boolean).join(', ');
  } catch {
    return answer.slice(0, 200);
  }
}
