import { z } from 'zod';

/** The command took effect. */
export const acceptedSchema = z
  .object({
    outcome: z.literal('accepted'),
    position: z.number().int().describe('Position in the log.'),
    token: z.string().describe('The position with the timeline of the log: pass it as `atLeast` to read what was written.'),
    stream: z.string(),
    version: z.number().int().describe('Version of the stream after the command.'),
    duplicate: z.boolean().describe('The command id had taken effect before; this is the first result.'),
  })
  .meta({ id: 'CommandAccepted', description: 'The command took effect, now or when it came first.' });

/** A business rule said no. Nothing was written. */
export const rejectedSchema = z
  .object({
    outcome: z.literal('rejected'),
    code: z.string().describe('Stable name of the rule.'),
    message: z.string(),
    details: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'CommandRejected', description: 'A business rule said no. Nothing was written.' });

export const commandListSchema = z.array(
  z.object({ type: z.string(), aggregate: z.string(), description: z.string().optional(), path: z.string() }),
);
