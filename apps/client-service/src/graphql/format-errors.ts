import { toProblem } from '@kiroku/service';
import type { FastifyBaseLogger } from 'fastify';
import { type FormattedExecutionResult, GraphQLError, type GraphQLFormattedError } from 'graphql';
import { tooDeep } from './document.ts';
import { type ErrorExtensions, GatewayError } from './gateway-error.ts';

const longestMessage = 500;

interface Failed {
  readonly data?: unknown;
  readonly errors: readonly GraphQLError[];
}

interface Asked {
  readonly correlationId: string;
  readonly log: Pick<FastifyBaseLogger, 'error' | 'warn'>;
}

/** Makes of every error one that says what is wrong to a client, and nothing of the inside. */
export function formatErrors(
  execution: Failed,
  context: Asked,
): { readonly statusCode: number; readonly response: FormattedExecutionResult } {
  const flat = execution.errors.flatMap((error) => severalIn(error));
  const errors = flat.map((error) => format(error, context));
  logFault(flat, context);
  // A request that could not be executed at all is a 4xx or 5xx answer (https://graphql.github.io/graphql-over-http/draft/).
  const statusCode = execution.data === undefined || execution.data === null ? statusOf(execution.errors[0]) : 200;
  const data = (execution.data ?? null) as FormattedExecutionResult['data']; // what execution made
  return { statusCode, response: { data: data ?? null, errors } };
}

function format(error: GraphQLError, { correlationId, log }: Asked): GraphQLFormattedError {
  const { message, extensions } = meaningOf(error);
  if (extensions.code === 'Internal') log.error({ err: error.originalError ?? error, correlationId }, 'a resolver failed');
  return {
    message,
    ...(error.locations !== undefined && { locations: error.locations }),
    ...(error.path !== undefined && { path: error.path }),
    extensions: { ...extensions, correlationId },
  };
}

/** What has a line of its own, and what is counted: too many would be refused with too many lines. */
const toldElsewhere: ReadonlySet<string> = new Set(['Internal', 'TooManySubscriptions']);

/** Such an operation is answered with 200: without this line nothing says why it failed. One is enough, however many fields have the same fault. */
function logFault(errors: readonly GraphQLError[], { correlationId, log }: Asked): void {
  const faults = errors.flatMap((error) => {
    const { code, kind } = meaningOf(error).extensions;
    return kind === 'fault' && !toldElsewhere.has(code) ? [{ code, error }] : [];
  });
  const [first] = faults;
  if (first === undefined) return;
  const { code, error } = first;
  const fields = { code, path: error.path?.join('.'), faults: faults.length, correlationId };
  log.warn({ err: error.originalError ?? error, ...fields }, 'an operation failed');
}

function meaningOf(error: GraphQLError): { readonly message: string; readonly extensions: ErrorExtensions } {
  const origin = originOf(error);
  if (origin instanceof GatewayError) return { message: origin.message, extensions: origin.extensions };
  if (origin === undefined) return { message: shortened(error.message), extensions: { code: 'BadRequest', kind: 'invalid' } };
  if (isClientFault(origin))
    return { message: shortened(toProblem(origin, '').detail), extensions: { code: 'BadRequest', kind: 'invalid' } };
  return {
    message: 'Something unexpected happened here. It has been logged; give the correlation id when you ask about it.',
    extensions: { code: 'Internal', kind: 'fault', retryable: false },
  };
}

/** GraphQL quotes what was sent, whole, in each of its errors: 0.4 MB of variables were answered with 21 MB. */
function shortened(message: string): string {
  return message.length > longestMessage ? `${message.slice(0, longestMessage)}…` : message;
}

/** What a resolver or the server threw; `undefined` for what GraphQL itself says about the document or the variables. */
function originOf(error: GraphQLError): Error | undefined {
  const { originalError } = error;
  return originalError instanceof GraphQLError ? originOf(originalError) : (originalError ?? undefined);
}

/** Validation errors come as one error that has the others. */
function severalIn(error: GraphQLError): readonly GraphQLError[] {
  const { originalError } = error;
  if (originalError === undefined || originalError === null || !('errors' in originalError) || !Array.isArray(originalError.errors))
    return [error];
  return originalError.errors.map((each: unknown) => (each instanceof GraphQLError ? each : asInvalid(each)));
}

function asInvalid(error: unknown): GraphQLError {
  if (error instanceof RangeError) return new GraphQLError(tooDeep().message);
  const message = error instanceof Error ? error.message : 'The request is not valid.';
  return new GraphQLError(message);
}

// Errors of Fastify and mercurius (malformed JSON, body too large, wrong method) carry a 4xx status.
function isClientFault(error: Error): boolean {
  return 'statusCode' in error && typeof error.statusCode === 'number' && error.statusCode >= 400 && error.statusCode < 500;
}

function statusOf(error: GraphQLError | undefined): number {
  const origin = error?.originalError;
  if (origin instanceof GatewayError && error?.path === undefined && origin.extensions.kind === 'invalid') return 400; // refused before it ran
  if (origin !== undefined && origin !== null && 'statusCode' in origin && typeof origin.statusCode === 'number') return origin.statusCode;
  return 200;
}
