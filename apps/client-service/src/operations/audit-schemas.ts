import { commandOutcomes } from '@kiroku/core';
import { auditOutcomes } from '@kiroku/operations';
import { z } from 'zod';
import { actionSchema, askedTime, time } from './operations-schemas.ts';

const commandEntrySchema = z.object({
  kind: z.literal('command'),
  at: time.describe('When it was recorded.'),
  receivedAt: time.optional(),
  durationMs: z.number().optional(),
  outcome: z.enum(commandOutcomes),
  code: z.string().optional().describe('Of the rejection or error.'),
  commandId: z.string().optional(),
  type: z.string().optional(),
  stream: z.string().optional(),
  user: z.string().optional().describe('Only of this user or operator.'),
  role: z.string().optional(),
  sourceAddress: z.string().optional(),
  correlationId: z.string().optional().describe('Only with this correlation id.'),
  position: z.int().optional().describe('Of its first event, if it was accepted.'),
  sequence: z.int().optional().describe('Its place in the chain, if it left no event.'),
  instance: z.string().optional(),
  lost: z.int().optional().describe('Of the outcome `lost`: how many entries it stands for.'),
});

export const auditListingSchema = z.object({
  entries: z.array(z.discriminatedUnion('kind', [commandEntrySchema, actionSchema.extend({ kind: z.literal('operator') })])).readonly(),
  since: time.optional().describe('Not before this time.'),
  looked: z.int().describe('Events and entries that were looked through.'),
  reached: time.optional().describe('There may be more before this time.'),
  cursor: z.string().optional().describe('Goes on where this ended. Absent: there is nothing more.'),
  missing: z
    .array(z.object({ trail: z.enum(['accepted', 'unrecorded', 'actions']), reason: z.string() }))
    .readonly()
    .optional()
    .describe('Of which entries may lack, because it could not be read: commands that left events, other commands, what operators did.'),
});

export const auditQuerySchema = z.object({
  kind: z.enum(['command', 'operator']).optional().describe('Default: both.'),
  user: z.string().optional(),
  outcome: z.enum(auditOutcomes).optional().describe('Only with this outcome.'),
  correlationId: z.string().optional(),
  type: z.string().optional().describe('Of commands.'),
  stream: z.string().optional().describe('Of commands.'),
  verb: z.string().optional().describe('Of what operators did.'),
  since: askedTime.optional().describe('Default: 24 hours ago, unless it is about operators alone.'),
  until: askedTime.optional().describe('Not after: ISO 8601.'),
  limit: z.coerce.number().int().min(1).max(10_000).default(50).describe('How many at most.'),
  cursor: z.string().max(1_000).optional().describe('Of the entries before.'),
});

const chain = z.enum(['commands', 'operators']);
export const auditHeadSchema = z.object({ chain, sequence: z.int(), hash: z.string() });

export const auditVerificationSchema = z.object({
  heads: z.array(auditHeadSchema).readonly().describe('Where the chains ended.'),
  findings: z
    .array(
      z.object({
        chain,
        kind: z.string().describe('What is wrong: docs/runbooks/audit.md.'),
        sequence: z.int().optional(),
        lastSequence: z.int().optional(),
        entry: z.string().optional(),
        detail: z.string(),
      }),
    )
    .readonly(),
});

const headText = z.string().regex(/^(commands|operators):\d{1,15}:[0-9a-f]{64}$/, 'is not chain:sequence:hash');

export const auditVerificationQuerySchema = z.object({
  head: z
    .union([headText, z.array(headText)])
    .transform((given) => [given].flat().map(parseHead))
    .optional()
    .describe('A head the chains had earlier, as `chain:sequence:hash`; may be repeated.'),
});

function parseHead(text: string): z.output<typeof auditHeadSchema> {
  const [of = '', sequence, hash = ''] = text.split(':');
  return { chain: chain.parse(of), sequence: Number(sequence), hash };
}
