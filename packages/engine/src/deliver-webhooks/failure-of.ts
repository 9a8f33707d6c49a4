import type { DeliveryTerms, DueMessage, MessageFailure } from '@kiroku/core';
import { type Backoff, backoffMs } from '../backoff/backoff.ts';
import type { Verdict } from './judge-answer.ts';

/** When a message that has just failed is tried again, if it is. Being asked to wait is no failed attempt, but does not stop the clock. */
export function failureOf(
  { error, waitMs }: Extract<Verdict, { outcome: 'failed' }>,
  { attempts, failingForMs }: Pick<DueMessage, 'attempts' | 'failingForMs'>,
  { terms, retry }: { readonly terms: DeliveryTerms; readonly retry: Backoff },
): MessageFailure {
  const tooOften = waitMs === undefined && attempts + 1 >= terms.maxAttempts;
  if (tooOften || failingForMs >= terms.maxAgeSeconds * 1_000) return { error, retry: 'dead' };
  return { error, retry: { inMs: Math.max(backoffMs(attempts + 1, retry), waitMs ?? 0) } };
}
