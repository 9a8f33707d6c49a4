/** What a request led to. */
export type Answer =
  | { readonly outcome: 'done'; readonly data: Readonly<Record<string, unknown>> }
  /** A rule of the shop said no: an answer, not an error. */
  | { readonly outcome: 'rejected'; readonly code: string }
  /** Something is broken, or the request was wrong. */
  | { readonly outcome: 'failed'; readonly code: string };

/** Reads a GraphQL answer. */
export function answerOf(status: number, body: unknown): Answer {
  if (!isRecord(body)) return { outcome: 'failed', code: `Http${status}` };
  const { data, errors, code } = body;
  if (Array.isArray(errors) && errors.length > 0) return errorOf(errors[0], status);
  if (isRecord(data)) return { outcome: 'done', data };
  return { outcome: 'failed', code: typeof code === 'string' ? code : `Http${status}` }; // a problem instead of a GraphQL answer
}

/** What a request that was not answered led to. */
export function unanswered(error: unknown): Answer {
  return { outcome: 'failed', code: error instanceof Error && error.name === 'TimeoutError' ? 'TimedOut' : 'NoAnswer' };
}

function errorOf(error: unknown, status: number): Answer {
  const extensions = isRecord(error) && isRecord(error.extensions) ? error.extensions : {};
  const code = typeof extensions.code === 'string' ? extensions.code : `Http${status}`;
  return { outcome: extensions.kind === 'rejection' ? 'rejected' : 'failed', code };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
