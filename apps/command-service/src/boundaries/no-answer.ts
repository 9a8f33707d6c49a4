/** A call that was not answered, or not in a way that says whether it took effect. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  /** May the call have arrived? If not, it has had no effect and will have none. */
  readonly mayHaveArrived: boolean;

  constructor(message: string, options: { readonly mayHaveArrived: boolean; readonly cause?: unknown }) {
    super(message, { cause: options.cause });
    this.mayHaveArrived = options.mayHaveArrived;
  }
}

/** Failures before a request can be written: no connection, so nothing has arrived. */
const beforeSending = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

/** Makes a `NoAnswer` of what undici throws. */
export function noAnswer(service: string, cause: unknown): NoAnswer {
  const codes = codesOf(cause);
  const mayHaveArrived = codes.length === 0 || !codes.every((code) => beforeSending.has(code));
  const timedOut = cause instanceof Error && cause.name === 'TimeoutError';
  const what = !mayHaveArrived ? 'cannot be reached' : timedOut ? 'has not answered in time' : 'broke off the connection';
  return new NoAnswer(`The ${service} ${what}${codes.length > 0 ? ` (${[...new Set(codes)].join(', ')})` : ''}.`, {
    mayHaveArrived,
    cause,
  });
}

/** A host with several addresses fails with an error for each. */
function codesOf(error: unknown): readonly string[] {
  if (error instanceof AggregateError) return error.errors.flatMap(codesOf);
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? [error.code] : [];
}
