import { KirokuError, type Projection } from '@kiroku/core';
import { answerSignal, problemSchema, type ZodApp } from '@kiroku/service';
import { z } from 'zod';
import type { Answer } from './answer.ts';
import type { Answered, ReadSnapshot } from './read-snapshot.ts';

export interface QueryRoutesOptions {
  readonly answers: readonly Answer[];
  /** Resolves when the projections are at or past the position; throws `NotCaughtUp`. */
  readonly waitFor: (reads: readonly Projection[], position: number, signal: AbortSignal) => Promise<void>;
  readonly snapshot: <T>(reads: readonly Projection[], read: (snapshot: ReadSnapshot) => Promise<T>) => Promise<Answered<T>>;
}

const problem = { description: 'A fault.', content: { 'application/problem+json': { schema: problemSchema } } };

/** One route per query: `POST /queries/<name>`. */
export function queryRoutes(app: ZodApp, options: QueryRoutesOptions): void {
  for (const each of options.answers) addRoute(app, each, options);
}

function addRoute(app: ZodApp, answered: Answer, { waitFor, snapshot }: QueryRoutesOptions): void {
  const { name, description, params, result, reads } = answered.contract;
  const body = z.strictObject({
    params,
    atLeast: z.int().min(0).optional().describe('Waits, bounded, until everything up to this position of the log is in the answer.'),
  });
  const answerSchema = z.object({
    position: z.int().describe('Everything up to this position of the log is in the answer.'),
    result,
  });
  const schema = { operationId: name, tags: ['queries'], summary: description, body, response: { 200: answerSchema, default: problem } };
  app.post(`/queries/${name}`, { schema }, async (request, reply) => {
    const { params: given, atLeast } = request.body;
    if (atLeast !== undefined) await waitFor(reads, atLeast, answerSignal(reply));
    const answer = await snapshot(reads, (rows) => answered.answer(rows, given));
    if (atLeast !== undefined && answer.position < atLeast) throw takenBack(atLeast, answer.position);
    return answer;
  });
}

/** A crash of the database may take the last batches back; until they are folded again the rows are older than what was waited for. */
function takenBack(atLeast: number, position: number): KirokuError {
  return new KirokuError(
    'NotCaughtUp',
    `The read models went back to position ${position}, before ${atLeast}, and are catching up. Ask again.`,
    {
      details: { position: atLeast },
    },
  );
}
