import { problemSchema, traceContextOf, type ZodApp } from '@kiroku/service';
import { z } from 'zod';
import type { Misbehaviour } from '../behaviour/misbehaviour.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { found, type Operation, type OperationName, outcomes, requests, type ServiceName } from '../ledger/operations.ts';
import { announcing, type WebhookReceiver } from '../webhooks/announcing.ts';
import type { WebhookSender } from '../webhooks/webhook-sender.ts';
import type { Answering } from './answering.ts';

export interface OperationRoutesOptions {
  readonly ledger: Ledger;
  readonly misbehaviour: Misbehaviour;
  readonly webhooks: WebhookSender;
  /** Whom outcomes are announced to, unless the behaviour says otherwise. Default: nobody. */
  readonly receiver?: WebhookReceiver;
}

const headers = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\w.:-]{1,128}$/, 'must be 1 to 128 letters, digits, `.`, `:`, `_` and `-`')
    .describe('The same key takes effect once, and is answered the same.'),
  'x-simulate': z
    .string()
    .optional()
    .describe('What is to go wrong with this call: a list of delay=MS, decline=Code, hang, error=5xx, lost.'),
});
const reused = z
  .object({ outcome: z.literal('refused'), code: z.literal('KeyReused'), message: z.string() })
  .describe('The key was used for another call.');
const problem = { description: 'A fault.', content: { 'application/problem+json': { schema: problemSchema } } };

const routes: readonly { readonly name: OperationName; readonly service: ServiceName; readonly path: string; readonly summary: string }[] =
  [
    { name: 'authorise', service: 'payments', path: '/payments/authorise', summary: 'Holds an amount' },
    { name: 'capture', service: 'payments', path: '/payments/capture', summary: 'Takes the whole amount held' },
    { name: 'void', service: 'payments', path: '/payments/void', summary: 'Gives up an authorisation, also one that has not arrived yet' },
    { name: 'refund', service: 'payments', path: '/payments/refund', summary: 'Gives back the whole amount captured' },
    { name: 'arrange', service: 'shipments', path: '/shipments/arrange', summary: 'Arranges the transport of an order' },
    {
      name: 'cancel',
      service: 'shipments',
      path: '/shipments/cancel',
      summary: 'Gives up an arrangement, also one that has not arrived yet',
    },
  ];

/** `POST /payments/…` and `POST /shipments/…`, and what became of a key. */
export function operationRoutes(app: ZodApp, options: OperationRoutesOptions & { readonly answering: Answering }): void {
  const arriving = new Arriving();
  for (const route of routes) addOperation(app, route, { ...options, arriving });
  for (const service of ['payments', 'shipments'] as const) addLookUp(app, service, { ...options, arriving });
}

type Shared = OperationRoutesOptions & { readonly answering: Answering; readonly arriving: Arriving };

function addOperation(
  app: ZodApp,
  { name, service, path, summary }: (typeof routes)[number],
  { answering, arriving, ledger, misbehaviour, webhooks, receiver }: Shared,
): void {
  const response = { 200: outcomes[name], 422: reused, default: problem };
  const schema = { operationId: name, tags: [service], summary, headers, body: requests[name], response };
  app.post(path, { schema }, async (request, reply) => {
    const key = request.headers['idempotency-key'];
    const operation = { name, request: request.body } as Operation; // the body was parsed with the schema of this name
    const answer = await arriving.during(key, () =>
      answering.answer({ request, reply, call: name }, async (declineCode) => {
        const settled = await ledger.settle(key, operation, declineCode);
        if (settled.outcome === 'reused') return keyReused(key);
        const announced = announcing(misbehaviour.behaviour.webhooks, receiver);
        if (settled.first && announced !== undefined) webhooks.announce(settled.entry, announced, traceContextOf(request.headers));
        return settled.entry.outcome;
      }),
    );
    if (answer?.outcome === 'refused') reply.code(422);
    return answer as never; // an outcome of this operation, as the entry is of it
  });
}

function addLookUp(app: ZodApp, service: ServiceName, { answering, arriving, ledger }: Shared): void {
  const schema = {
    operationId: `find_${service}`,
    tags: [service],
    summary: 'What became of the call with this idempotency key',
    params: z.object({ key: z.string() }),
    headers: headers.pick({ 'x-simulate': true }),
    response: { 200: found[service], default: problem },
  };
  app.get(`/${service}/outcomes/:key`, { schema }, async (request, reply) => {
    const { key } = request.params;
    const answer = await answering.answer({ request, reply, call: 'find' }, () => {
      const outcome = ledger.find(service, key);
      return outcome.outcome === 'none' && arriving.has(key) ? { outcome: 'pending' as const } : outcome;
    });
    return answer as never; // an outcome of this service
  });
}

function keyReused(key: string): z.output<typeof reused> {
  return { outcome: 'refused', code: 'KeyReused', message: `The key ${key} was used for another call. Give each call a key of its own.` };
}

/** Keys of calls that have arrived and are not settled. */
class Arriving {
  readonly #counts = new Map<string, number>();

  has(key: string): boolean {
    return this.#counts.has(key);
  }

  async during<T>(key: string, work: () => Promise<T>): Promise<T> {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    try {
      return await work();
    } finally {
      const left = (this.#counts.get(key) ?? 1) - 1;
      if (left > 0) this.#counts.set(key, left);
      else this.#counts.delete(key);
    }
  }
}
