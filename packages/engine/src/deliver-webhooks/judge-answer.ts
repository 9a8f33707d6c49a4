import type { WebhookAnswer } from './webhook-sender.ts';

/** What an answer, or its absence, means for a message. */
export type Verdict =
  | { readonly outcome: 'delivered' }
  /** The consumer wants no more. */
  | { readonly outcome: 'gone'; readonly reason: string }
  /** `waitMs`: the consumer has asked to be left alone for so long. */
  | { readonly outcome: 'failed'; readonly error: string; readonly waitMs?: number };

const longestWaitMs = 86_400_000;

/** `now` in milliseconds since 1970. */
export function judgeAnswer({ status, retryAfter, location, text }: WebhookAnswer, now: number): Verdict {
  if (status >= 200 && status < 300) return { outcome: 'delivered' };
  const said = text === '' ? '' : `: ${text}`;
  if (status === 410) return { outcome: 'gone', reason: `It answered 410 Gone${said}` };
  if (status >= 300 && status < 400) {
    const where = location === undefined ? '' : ` to ${location.slice(0, 200)}`;
    return {
      outcome: 'failed',
      error: `It answered ${status}, a redirect${where}, which is not followed. Register the consumer with the new URL.`,
    };
  }
  const waitMs = status === 429 || status === 503 ? waitOf(retryAfter, now) : undefined;
  return { outcome: 'failed', error: `It answered ${status}${said}`, ...(waitMs !== undefined && { waitMs }) };
}

/** What it means that there was no answer. */
export function judgeFault(error: unknown, timeoutMs: number): Verdict {
  const names = namesOf(error);
  if (names.includes('TimeoutError')) return { outcome: 'failed', error: `It did not answer within ${timeoutMs} ms.` };
  const code = names.find((name) => /^[A-Z][A-Z0-9_]+$/.test(name));
  const why = error instanceof Error && error.message !== '' ? error.message : String(error);
  return { outcome: 'failed', error: `It cannot be reached${code === undefined ? '' : ` (${code})`}: ${why}` };
}

/** `Retry-After`: seconds, or a date. */
function waitOf(retryAfter: string | undefined, now: number): number | undefined {
  if (retryAfter === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), longestWaitMs);
}

/** Names and codes of an error and of its causes; a host with several addresses fails with one for each. */
function namesOf(error: unknown): readonly string[] {
  if (error instanceof AggregateError) return error.errors.flatMap(namesOf);
  if (!(error instanceof Error)) return [];
  const code = 'code' in error && typeof error.code === 'string' ? [error.code] : [];
  return [error.name, ...code, ...namesOf(error.cause)];
}
