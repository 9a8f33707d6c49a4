import { type ErrorCode, isKirokuError } from '@kiroku/core';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { z } from 'zod';

/** An error as an HTTP service answers it: RFC 9457, media type `application/problem+json`. */
export const problemSchema = z
  .object({
    type: z.string().describe('`urn:kiroku:problem:` and the code.'),
    title: z.string(),
    status: z.number().int(),
    detail: z.string().describe('What happened, why it matters and what to do.'),
    code: z.string().describe('Stable name of the error, see docs/reference/errors.md.'),
    retryable: z.boolean().describe('May the same request succeed when it is sent again?'),
    correlationId: z.string(),
    issues: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .describe('What is wrong with the input, one entry per fault.'),
    details: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'Problem' });

export type Problem = z.output<typeof problemSchema>;

interface Answer {
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly retryable?: boolean;
  readonly issues?: Problem['issues'];
  readonly details?: Problem['details'];
}

/** Turns any error into a problem. What is not ours becomes `Internal` and says nothing of its inside. */
export function toProblem(error: unknown, correlationId: string): Problem {
  const { status, code, detail, retryable = false, issues, details } = answerFor(error);
  return {
    type: `urn:kiroku:problem:${code}`,
    title: titleOf(code),
    status,
    detail,
    code,
    retryable,
    correlationId,
    ...(issues !== undefined && { issues }),
    ...(details !== undefined && Object.keys(details).length > 0 && { details }),
  };
}

function answerFor(error: unknown): Answer {
  if (isKirokuError(error)) {
    const { issues, ...details } = error.details;
    const { status, code, retryable, message } = error;
    if (status === 500) return internal;
    return { status, code, retryable, detail: message, details, ...(Array.isArray(issues) && { issues }) };
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const context = error.validationContext ?? 'request';
    const issues = error.validation.map(({ instancePath, message = 'is not valid' }) => ({ path: dotted(instancePath), message }));
    const list = issues.map(({ path, message }) => `${path || context}: ${message}`).join('; ');
    return { status: 400, code: 'BadRequest', detail: `The ${context} does not fit: ${list}.`, issues };
  }
  const status = clientFaultOf(error);
  if (status === 415)
    return { status, code: 'BadRequest', detail: 'The body is not sent as JSON. Send it with `content-type: application/json`.' };
  if (status !== undefined && error instanceof Error) return { status, code: 'BadRequest', detail: error.message };
  return internal;
}

const internal: Answer = {
  status: 500,
  code: 'Internal',
  detail: 'Something unexpected happened here. It has been logged; give the correlation id when you ask about it.',
};

/** Fastify's own errors (body too large, wrong media type, malformed JSON) carry a 4xx status. */
function clientFaultOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined;
  const { statusCode } = error;
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : undefined;
}

function dotted(pointer: string): string {
  return pointer.replace(/^\//, '').replaceAll('/', '.');
}

function titleOf(code: string): string {
  const words = code.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
