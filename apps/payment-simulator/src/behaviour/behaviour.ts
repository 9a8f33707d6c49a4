import { z } from 'zod';

const share = z.number().min(0).max(1).default(0);
const code = z.string().regex(/^[A-Z]\w{0,63}$/, 'must be a code, e.g. InsufficientFunds');

/** How often, and how, calls go wrong. */
export const faultsSchema = z
  .strictObject({
    declineShare: share.describe('Declined, for good.'),
    declineCode: code.default('DeclinedByIssuer'),
    delayMs: z.int().min(0).max(600_000).default(0).describe('Before anything takes effect, whether the caller still waits or not.'),
    delaySpreadMs: z.int().min(0).max(600_000).default(0).describe('Up to so much more, at random.'),
    hangShare: share.describe('Never answered, without effect.'),
    errorShare: share.describe('Answered with `errorStatus`, without effect.'),
    errorStatus: z.int().min(500).max(599).default(500),
    lostShare: share.describe('Takes effect, but the connection breaks instead of an answer.'),
  })
  .refine(({ hangShare, errorShare, lostShare }) => hangShare + errorShare + lostShare <= 1, 'hangs, errors and losses exceed all calls');
export type Faults = z.output<typeof faultsSchema>;

export const wellBehaved: Faults = faultsSchema.parse({});

const url = z.url({ protocol: /^https?$/ });

const webhooksSchema = z.strictObject({
  url: url.optional().describe('Where outcomes are posted. Default: as configured; if nothing is, they are not announced.'),
  shipmentsUrl: url.optional().describe('Where those of shipments are posted. Default: `url`, or as configured with it.'),
  secret: z
    .string()
    .regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, 'must be whsec_ and at least 24 bytes in base64')
    .optional()
    .describe('Default: as configured.'),
  duplicateShare: share.describe('Delivered twice.'),
  spreadMs: z
    .int()
    .min(0)
    .max(60_000)
    .default(0)
    .describe('Each is delivered up to so much later, at random, so that they overtake each other.'),
});
export type WebhookBehaviour = z.output<typeof webhooksSchema>;

const operationNames = z.enum(['authorise', 'capture', 'void', 'refund', 'arrange', 'cancel', 'find']);
export type CallName = z.output<typeof operationNames>;

/** What the simulator does besides what it should. */
export const behaviourSchema = z.strictObject({
  seed: z.int().min(0).default(1).describe('The same seed, and the same calls in the same order, lead to the same faults.'),
  faults: faultsSchema.default(wellBehaved).describe('Of all calls. Of these only `authorise` and `arrange` are declined.'),
  operations: z.partialRecord(operationNames, faultsSchema).default({}).describe('Replace `faults` for these.'),
  webhooks: webhooksSchema
    .optional()
    .describe('Where and how outcomes are announced, as Standard Webhooks. Default: as configured, once each.'),
});
export type Behaviour = z.output<typeof behaviourSchema>;
