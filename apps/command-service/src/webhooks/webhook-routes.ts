import { KirokuError } from '@kiroku/core';
import type { CommandHandler } from '@kiroku/engine';
import { requestContext } from '@kiroku/service';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Webhook } from 'standardwebhooks';
import { v5 as uuidOfName } from 'uuid';
import { AnsweredCalls } from '../boundaries/answered-calls.ts';
import { announcementSchema, recordingOf } from './announced-outcome.ts';

export interface WebhookRoutesOptions {
  readonly handle: CommandHandler;
  /** What the payment service and the carrier sign with: `whsec_` and base64. */
  readonly secret: string;
  /** Calls whose outcomes are recorded as their answers. */
  readonly answered?: AnsweredCalls;
  /** Now, as ISO 8601. */
  readonly now?: () => string;
}

/** How long an announcement waits for the answer that is on its way too. */
const answerWithinMs = 250;

const namespace = '6f5d4a52-0a0e-4a53-9b6a-0b8a2a1c9d17';

/**
 * `POST /webhooks/payments` and `/webhooks/shipments`, as Standard Webhooks: outcomes of calls, also of those whose answer never came. They come
 * at least once and in any order; each is recorded once, by a command whose id follows from the webhook's.
 */
export async function webhookRoutes(app: FastifyInstance, options: WebhookRoutesOptions): Promise<void> {
  const { handle, answered = new AnsweredCalls(), now = () => new Date().toISOString() } = options;
  const webhook = new Webhook(options.secret);
  keepBodiesAsTheyCame(app);
  for (const service of ['payments', 'shipments']) {
    app.post<{ Body: string | undefined }>(`/webhooks/${service}`, { schema: { hide: true } }, async (request, reply) => {
      const announcement = verified(webhook, request);
      const recording = recordingOf(announcement);
      if (recording !== undefined && !(await answered.knows(announcement.data.key, answerWithinMs))) {
        const id = uuidOfName(`${service}/${headerOf(request, 'webhook-id')}`, namespace); // each service names its own;
        const metadata = { ...requestContext(request), actor: service };
        const result = await handle({ ...recording, id, at: now(), metadata });
        if (result.outcome === 'rejected')
          request.log.warn({ rejection: result.rejection, type: recording.type }, 'an announced outcome was rejected');
      }
      return reply.code(204).send();
    });
  }
}

/** The signature is over the bytes of the body. */
function keepBodiesAsTheyCame(app: FastifyInstance): void {
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body));
}

/** Throws `SignatureInvalid` and `BadRequest`. */
function verified(webhook: Webhook, request: FastifyRequest<{ Body: string | undefined }>) {
  const { body = '' } = request;
  const headers = { 'webhook-id': '', 'webhook-timestamp': '', 'webhook-signature': '' };
  for (const name of Object.keys(headers) as (keyof typeof headers)[]) headers[name] = headerOf(request, name); // its own keys
  try {
    webhook.verify(body, headers, { jsonParse: false });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new KirokuError(
      'SignatureInvalid',
      `The webhook was not taken: ${why}. Sign it with the secret that was agreed on, when it is sent.`,
      {
        cause,
      },
    );
  }
  const announcement = announcementSchema.safeParse(parsed(body));
  if (announcement.success) return announcement.data;
  const issues = announcement.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  throw new KirokuError('BadRequest', 'The webhook is signed, but is not the announcement of an outcome.', { details: { issues } });
}

function headerOf(request: FastifyRequest, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
