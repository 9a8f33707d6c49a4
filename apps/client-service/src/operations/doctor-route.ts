import { type FindingCode, findingCodes, type ServiceDoctor } from '@kiroku/operations';
import type { ZodApp } from '@kiroku/service';
import { z } from 'zod';
import { problem } from './operations-schemas.ts';

const codes = Object.keys(findingCodes) as [FindingCode, ...FindingCode[]]; // there are some

const finding = z.object({
  code: z.enum(codes),
  severity: z.enum(['error', 'warning', 'info']),
  what: z.string().describe('What is wrong.'),
  where: z.string().describe('What it is about.'),
  why: z.string().describe('Why it matters.'),
  fix: z
    .string()
    .optional()
    .describe('What `kiroku doctor --fix` does, where the databases can be reached. Absent: nothing, somebody has to.'),
  outcome: z.literal('found'),
});

const doctorSchema = z.object({
  checks: z.array(z.string()).readonly().describe('Those that were made.'),
  findings: z.array(finding).readonly().describe('`CheckFailed`: what could not be looked at, or not in time.'),
  notMade: z
    .array(z.object({ check: z.string(), reason: z.string() }))
    .readonly()
    .describe('Checks that can be made on the machine of the installation alone.'),
});

const querySchema = z.object({
  only: z
    .union([z.string().max(100), z.array(z.string().max(100)).max(100)])
    .transform((given) => [given].flat())
    .optional()
    .describe('Names of checks; may be repeated. Default: all that a service can make.'),
});

/** What does not fit together. What is wrong is in the answer: it is always 200. Nothing is changed. */
export function doctorRoute(api: ZodApp, doctor: ServiceDoctor): void {
  api.get(
    '/doctor',
    {
      schema: {
        operationId: 'runDoctor',
        tags: ['health'],
        summary: 'What does not fit together, as far as a service can look, within 20 seconds; it repairs nothing',
        querystring: querySchema,
        response: { 200: doctorSchema, default: problem },
      },
    },
    async ({ query: { only } }, reply) => {
      reply.header('cache-control', 'no-store');
      return await doctor.look(only);
    },
  );
}
