import { type Command, KirokuError, type Sending } from '@kiroku/core';
import type { CallContext, OutsideCalls } from '@kiroku/engine';
import { traceContextOf } from '@kiroku/service';
import {
  arrangementKey,
  authorisationKey,
  cancellationKey,
  captureKey,
  type KeyedCall,
  type Money,
  type PaymentPort,
  refundKey,
  type ShippingPort,
  type Unknown,
  voidKey,
} from '@kiroku/shop';
import { AnsweredCalls } from './answered-calls.ts';
import { recordings } from './recordings.ts';

export interface Boundaries {
  readonly payments: PaymentPort;
  readonly shipping: ShippingPort;
  /** Told of every call, so that others know of its outcome. */
  readonly answered?: AnsweredCalls;
}

interface OfOrder {
  readonly orderId: string;
}

type OfPayment = OfOrder & { readonly paymentId: string };

/** The calls that commands of the shop ask for, and the commands that record their answers. An unknown outcome is a fault: the call is repeated by its key. */
export function outsideCalls({ payments, shipping, answered = new AnsweredCalls() }: Boundaries): OutsideCalls {
  const calling = callingThrough(answered);
  return {
    AuthorisePayment: calling<OfOrder & { readonly amount: Money; readonly token: string }>(authorisationKey, async (data, call) =>
      recordings.authorise(data.orderId, known(await payments.authorise(data, call))),
    ),
    CapturePayment: calling<OfPayment>(captureKey, async ({ orderId, paymentId }, call) =>
      recordings.capture(orderId, known(await payments.capture({ paymentId }, call))),
    ),
    VoidPayment: calling<OfOrder>(voidKey, async ({ orderId }, call) => {
      agreed(await payments.void({ authorisationKey: authorisationKey(orderId) }, call));
      return recordings.void(orderId);
    }),
    RefundPayment: calling<OfPayment>(refundKey, async ({ orderId, paymentId }, call) => {
      agreed(await payments.refund({ paymentId }, call));
      return recordings.refund(orderId);
    }),
    ArrangeShipment: calling<OfOrder & { readonly customerId: string; readonly pieces: number }>(arrangementKey, async (data, call) => {
      const { orderId, customerId, pieces } = data;
      return recordings.arrange(orderId, known(await shipping.arrange({ orderId, recipient: customerId, pieces }, call)));
    }),
    CancelShipment: calling<OfOrder>(cancellationKey, async ({ orderId }, call) => {
      agreed(await shipping.cancel({ arrangementKey: arrangementKey(orderId) }, call));
      return recordings.cancel(orderId);
    }),
  };
}

function callingThrough(answered: AnsweredCalls) {
  return <Data extends OfOrder>(keyOf: (orderId: string) => string, call: (data: Data, call: KeyedCall) => Promise<Sending>) =>
    ({ data, metadata }: Command, { repeated }: CallContext): Promise<Sending> => {
      const asked = data as Data; // it has passed the command's schema
      const idempotencyKey = keyOf(asked.orderId);
      const { correlationId } = metadata;
      const context = { ...(correlationId !== undefined && { correlationId }), ...traceContextOf(metadata) };
      return answered.during(idempotencyKey, () => call(asked, { idempotencyKey, repeated, ...context }));
    };
}

function known<Answer extends { readonly outcome: string }>(answer: Answer | Unknown): Exclude<Answer, Unknown> {
  if (answer.outcome !== 'unknown') return answer as Exclude<Answer, Unknown>; // said by its outcome
  throw new KirokuError('ServiceUnavailable', `It is not known what became of the call: ${(answer as Unknown).reason}`); // said by its outcome
}

/** What gives something up is not declined as the commands are decided; if it is, people have to look. */
function agreed(answer: { readonly outcome: string; readonly code?: string } | Unknown): void {
  const { outcome, code } = known(answer);
  if (outcome !== 'declined') return;
  throw new KirokuError('Internal', `The other side refused with ${code} to give up what was agreed. Settle it with them, then retry.`);
}
