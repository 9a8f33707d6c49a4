import type { Sending } from '@kiroku/core';
import { arrangementKey, authorisationKey, cancellationKey, captureKey, refundKey, voidKey } from '@kiroku/shop';
import { z } from 'zod';
import { recordings } from '../boundaries/recordings.ts';

const declined = z.object({ outcome: z.literal('declined'), code: z.string() });
const one = <const Outcome extends string>(outcome: Outcome) => z.object({ outcome: z.literal(outcome) });

const announced = <const Name extends string, Answer extends z.ZodType>(name: Name, outcome: Answer) =>
  z.object({ name: z.literal(name), key: z.string().describe('The idempotency key of the call.'), outcome });

/** What the payment service and the carrier announce: a call that was decided, with its outcome. */
export const announcementSchema = z.object({
  type: z.string(),
  data: z.discriminatedUnion('name', [
    announced('authorise', z.discriminatedUnion('outcome', [one('authorised').extend({ paymentId: z.string() }), declined])),
    announced('capture', z.discriminatedUnion('outcome', [one('captured').extend({ paymentId: z.string() }), declined])),
    announced('void', z.discriminatedUnion('outcome', [one('voided'), declined])),
    announced('refund', z.discriminatedUnion('outcome', [one('refunded'), declined])),
    announced(
      'arrange',
      z.discriminatedUnion('outcome', [one('arranged').extend({ shipmentId: z.string(), trackingCode: z.string() }), declined]),
    ),
    announced('cancel', z.discriminatedUnion('outcome', [one('cancelled'), declined])),
  ]),
});

export type Announcement = z.output<typeof announcementSchema>;

const keys = {
  authorise: authorisationKey,
  capture: captureKey,
  void: voidKey,
  refund: refundKey,
  arrange: arrangementKey,
  cancel: cancellationKey,
};

const uuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The command that records an announced outcome. `undefined`: the call was not ours, or its outcome leaves everything as it is. */
export function recordingOf({ data }: Announcement): Sending | undefined {
  const orderId = uuid.exec(data.key)?.[0];
  if (orderId === undefined || keys[data.name](orderId) !== data.key) return undefined;
  switch (data.name) {
    case 'authorise':
      return recordings.authorise(orderId, data.outcome);
    case 'capture':
      return recordings.capture(orderId, data.outcome);
    case 'arrange':
      return recordings.arrange(orderId, data.outcome);
    case 'void':
    case 'refund':
    case 'cancel':
      // that it was not given up is for whoever asked for it to see to
      return data.outcome.outcome === 'declined' ? undefined : recordings[data.name](orderId);
    default:
      return data satisfies never;
  }
}
