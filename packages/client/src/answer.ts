import { type ErrorCode, errorKinds, KirokuError } from '@kiroku/core';

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** What a service answered, or the fault that it told of, with its code. Throws `ServiceUnavailable` if there was no answer within its time. */
export async function answerOf<T>(url: string, asking: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await asking.catch((cause: unknown) => {
    throw new KirokuError('ServiceUnavailable', `The operations API at ${url} ${noAnswer(cause)}. See that the gateway runs there.`, {
      cause,
    });
  });
  if (data !== undefined) return data;
  throw faultOf(url, error, response.status);
}

function faultOf(url: string, problem: unknown, status: number): KirokuError {
  if (isProblem(problem) && !isNoSuchRoute(problem))
    return new KirokuError(problem.code, problem.detail, { details: { correlationId: problem.correlationId } });
  if (status === 404)
    return new KirokuError(
      'NotFound',
      `There is no operations API at ${url}. Is it the gateway, which is usually at port 4000, of this version, and does it know its databases?`,
    );
  return new KirokuError('ServiceUnavailable', `What answers at ${url} is no operations API (HTTP ${status}).`);
}

function noAnswer(cause: unknown): string {
  if (cause instanceof Error && cause.name === 'TimeoutError') return 'did not answer in time';
  return `cannot be reached${cause instanceof Error && cause.cause instanceof Error ? ` (${cause.cause.message})` : ''}`;
}

interface Problem {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly correlationId?: unknown;
}

/** What any service of ours says of an address that it does not have. */
function isNoSuchRoute({ code, detail }: Problem): boolean {
  return code === 'NotFound' && /^There is no [A-Z]+ \S*\/operations\//.test(detail);
}

function isProblem(value: unknown): value is Problem {
  if (typeof value !== 'object' || value === null) return false;
  return (
    'code' in value &&
    typeof value.code === 'string' &&
    Object.hasOwn(errorKinds, value.code) &&
    'detail' in value &&
    typeof value.detail === 'string'
  );
}
