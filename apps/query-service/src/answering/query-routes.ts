import { setTimeout as delay } from 'node:timers/promises';
import { KirokuError, type LogHistory, type Projection, positionToken } from '@kiroku/core';
import { answerSignal, logQuietly, problemSchema, versionsHeader, versionsOf, type ZodApp } from '@kiroku/service';
import { z } from 'zod';
import type { Answer } from './answer.ts';
import { askedPosition } from './asked-position.ts';
import type { AsOf } from './read-moment.ts';
import type { ReadStatement } from './read-statement.ts';
import type { Answered } from './snapshots.ts';

export interface QueryRoutesOptions {
  readonly answers: readonly Answer[];
  /** Of the log that the read models are made from. */
  readonly history: () => Promise<LogHistory>;
  /** Resolves when the projections are at or past the position; throws `NotCaughtUp`. */
  readonly waitFor: (reads: readonly Projection[], position: number, signal: AbortSignal) => Promise<void>;
  /** Reads as of a moment that was built; throws `MomentNotBuilt`. */
  readonly moment: <P, R>(
    asked: { readonly reads: readonly Projection[]; readonly asOf: AsOf },
    what: { readonly statement: ReadStatement<P, R>; readonly params: P },
  ) => Promise<Answered<R>>;
  readonly snapshot: <P, R>(
    reads: readonly Projection[],
    what: { readonly statement: ReadStatement<P, R>; readonly params: P },
  ) => Promise<Answered<R>>;
}

const problem = { description: 'A fault.', content: { 'application/problem+json': { schema: problemSchema } } };

/** One route per query: `POST /queries/<name>`. */
export function queryRoutes(app: ZodApp, options: QueryRoutesOptions): void {
  for (const each of options.answers) addRoute(app, each, options);
}

function addRoute(app: ZodApp, answered: Answer, { history, waitFor, snapshot, moment }: QueryRoutesOptions): void {
  const { name, description, params, result, reads } = answered.contract;
  const body = z.strictObject({
    params,
    atLeast: z
      .union([z.int().min(0), z.string().min(1).max(30)])
      .optional()
      .describe('Waits, bounded, until everything up to this position of the log is in the answer: the `token` of a command or an answer.'),
    asOf: z
      .union([z.int().min(1), z.string().min(1).max(100)])
      .optional()
      .describe(
        'Answers as of a moment that `kiroku replay` has built: its name, a time (ISO 8601) or a position. Not together with `atLeast`.',
      ),
  });
  const answerSchema = z
    .object({
      position: z.int().describe('Everything up to this position of the log is in the answer.'),
      token: z.string().describe('The position with the timeline of the log, as `atLeast` takes it.'),
      result,
    })
    .describe('The result, and how far what it was read from goes.');
  const schema = { operationId: name, tags: ['queries'], summary: description, body, response: { 200: answerSchema, default: problem } };
  const versions = versionsOf(reads);
  app.post(`/queries/${name}`, { schema }, async (request, reply) => {
    logQuietly(request);
    reply.header(versionsHeader, versions);
    const { params: given, atLeast: asked, asOf } = request.body;
    const what = { statement: answered.statement, params: given };
    const known = await history();
    const told = <T>(answer: Answered<T>) => ({
      ...answer,
      token: positionToken({ timeline: known.log.timeline, position: answer.position }),
    });
    if (asOf !== undefined) {
      if (asked !== undefined) throw twoMoments();
      return told(await moment({ reads, asOf }, what));
    }
    if (asked === undefined) return told(await snapshot(reads, what));
    const atLeast = askedPosition(asked, known, 'atLeast');
    await waitFor(reads, atLeast, answerSignal(reply));
    for (let tries = 1; ; tries++) {
      const answer = await snapshot(reads, what);
      if (answer.position >= atLeast) return told(answer);
      if (tries === mostTries) throw takenBack(atLeast, answer.position);
      await delay(againMs);
    }
  });
}

// a switch is heard of with some delay: the build that is read now may be a batch behind the one that was waited for
const mostTries = 10;
const againMs = 20;

function twoMoments(): KirokuError {
  const message = 'cannot be together with atLeast: one asks for a moment, the other for what comes after one';
  return new KirokuError('BadRequest', `"asOf" ${message}. Leave one of them out.`, { details: { issues: [{ path: 'asOf', message }] } });
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
