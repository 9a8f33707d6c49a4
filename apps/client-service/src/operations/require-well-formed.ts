import { jsonFault, KirokuError } from '@kiroku/core';
import type { FastifyRequest } from 'fastify';

/** Refuses a request with text that no database holds: a NUL character, or half a surrogate pair. Throws `BadRequest`. */
export async function requireWellFormed({ params, query, body }: Pick<FastifyRequest, 'params' | 'query' | 'body'>): Promise<void> {
  // both are objects; copied, because what a parser makes need not be a plain one
  const parts = { path: { ...(params as object) }, query: { ...(query as object) }, body: body ?? null };
  for (const [part, value] of Object.entries(parts)) {
    const fault = jsonFault(value);
    if (fault !== undefined) throw new KirokuError('BadRequest', `The ${part} of the request cannot be taken: ${fault}.`);
  }
}
