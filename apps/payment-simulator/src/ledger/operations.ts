import { z } from 'zod';

const id = z.guid().describe('A UUID.');
const key = z.string().regex(/^[\w.:-]{1,128}$/, 'must be 1 to 128 letters, digits, `.`, `:`, `_` and `-`');

/** What a payment is made with. It must begin with a letter and have no long run of digits, so that no card number passes. */
const token = z
  .string()
  .regex(/^(?!.*\d{12})[A-Za-z][\w-]{2,63}$/, 'must begin with a letter, and may be no card number')
  .describe('Stands for a means of payment. `decline-Code` is always declined with that code.');

const amount = z.strictObject({
  amount: z.int().min(1).describe('In the smallest unit of the currency.'),
  currency: z.string().regex(/^[A-Z]{3}$/, 'must be a currency code'),
});

/** What each operation is asked with. */
export const requests = {
  authorise: z.strictObject({ orderId: id, token, amount }),
  capture: z.strictObject({ paymentId: id }),
  void: z.strictObject({ authorisationKey: key.describe('The idempotency key of the authorisation.') }),
  refund: z.strictObject({ paymentId: id }),
  arrange: z.strictObject({ orderId: id, recipient: id.describe('Whose address the carrier knows.'), pieces: z.int().min(1) }),
  cancel: z.strictObject({ arrangementKey: key.describe('The idempotency key of the arrangement.') }),
};

const declined = z.object({ outcome: z.literal('declined'), code: z.string() });
const ofPayment = <const Outcome extends string>(outcome: Outcome) => z.object({ outcome: z.literal(outcome), paymentId: id });
const authorised = ofPayment('authorised');
const captured = ofPayment('captured');
const voided = ofPayment('voided').partial({ paymentId: true });
const refunded = ofPayment('refunded');
const arranged = z.object({ outcome: z.literal('arranged'), shipmentId: id, trackingCode: z.string() });
const cancelled = z.object({ outcome: z.literal('cancelled'), shipmentId: id.optional() });

/** What each operation is answered with. */
export const outcomes = {
  authorise: z.discriminatedUnion('outcome', [authorised, declined]),
  capture: z.discriminatedUnion('outcome', [captured, declined]),
  void: z.discriminatedUnion('outcome', [voided, declined]),
  refund: z.discriminatedUnion('outcome', [refunded, declined]),
  arrange: z.discriminatedUnion('outcome', [arranged, declined]),
  cancel: z.discriminatedUnion('outcome', [cancelled, declined]),
};

export type OperationName = keyof typeof requests;
/** What was asked: the operation with its request. */
export type Operation = {
  [Name in OperationName]: { readonly name: Name; readonly request: z.output<(typeof requests)[Name]> };
}[OperationName];
export type Outcome = z.output<(typeof outcomes)[OperationName]>;

const none = z.object({ outcome: z.literal('none') });
const pending = z.object({ outcome: z.literal('pending') });

/** What is known of a key, per service. */
export const found = {
  payments: z.discriminatedUnion('outcome', [none, pending, authorised, captured, voided, refunded, declined]),
  shipments: z.discriminatedUnion('outcome', [none, pending, arranged, cancelled, declined]),
};
export type ServiceName = keyof typeof found;

export const operationsOf = {
  payments: ['authorise', 'capture', 'void', 'refund'],
  shipments: ['arrange', 'cancel'],
} as const satisfies Record<ServiceName, readonly OperationName[]>;

const entryOf = <Name extends OperationName>(name: Name) =>
  z.object({
    sequence: z.int().min(1).describe('From 1, without gaps.'),
    at: z.iso.datetime(),
    key: z.string().describe('The idempotency key.'),
    name: z.literal(name),
    request: requests[name],
    outcome: outcomes[name],
  });

/** A line of the ledger: an operation that was decided, for good. */
export const entrySchema = z.discriminatedUnion('name', [
  entryOf('authorise'),
  entryOf('capture'),
  entryOf('void'),
  entryOf('refund'),
  entryOf('arrange'),
  entryOf('cancel'),
]);
export type Entry = z.output<typeof entrySchema>;
