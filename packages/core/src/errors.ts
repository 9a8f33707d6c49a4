interface ErrorKind {
  /** May the same call succeed when repeated? */
  readonly retryable: boolean;
  /** HTTP status a service answers with. */
  readonly status: number;
}

/** Every fault the platform raises. Business refusals are rejections, not errors. */
export const errorKinds = {
  AsyncSchema: { retryable: false, status: 500 },
  BadRequest: { retryable: false, status: 400 },
  CheckpointConflict: { retryable: true, status: 409 },
  ConfigurationInvalid: { retryable: false, status: 500 },
  Conflict: { retryable: true, status: 409 },
  DatabaseUnavailable: { retryable: true, status: 503 },
  DefinitionInvalid: { retryable: false, status: 500 },
  EventInvalid: { retryable: false, status: 422 },
  IdReused: { retryable: false, status: 409 },
  Internal: { retryable: false, status: 500 },
  LogMismatch: { retryable: false, status: 503 },
  MigrationChanged: { retryable: false, status: 500 },
  NotCaughtUp: { retryable: true, status: 503 },
  NotFound: { retryable: false, status: 404 },
  Overloaded: { retryable: true, status: 503 },
  PositionOverflow: { retryable: false, status: 500 },
  SchemaTooNew: { retryable: false, status: 500 },
  SchemaTooOld: { retryable: false, status: 500 },
  ServiceUnavailable: { retryable: true, status: 503 },
  Stopping: { retryable: true, status: 503 },
  UnknownCommand: { retryable: false, status: 404 },
  UnknownEvent: { retryable: false, status: 500 },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorKinds;

export interface ErrorDetails {
  readonly [key: string]: unknown;
}

/** A fault with a stable `code`. The message says what happened, why it matters and what to do. */
export class KirokuError extends Error {
  override readonly name = 'KirokuError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: { readonly details?: ErrorDetails; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }

  get retryable(): boolean {
    return errorKinds[this.code].retryable;
  }

  get status(): number {
    return errorKinds[this.code].status;
  }
}

export function isKirokuError(error: unknown, code?: ErrorCode): error is KirokuError {
  return error instanceof KirokuError && (code === undefined || error.code === code);
}
