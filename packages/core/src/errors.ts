interface ErrorKind {
  /** May the same call succeed when repeated? */
  readonly retryable: boolean;
  /** HTTP status a service answers with. */
  readonly status: number;
  /** What it means and what to do; docs/reference/errors.md is made of it. */
  readonly about: string;
}

/** Every fault the platform raises. Business refusals are rejections, not errors. */
export const errorKinds = {
  AsyncSchema: {
    retryable: false,
    status: 500,
    about: 'A schema validated asynchronously. Use a synchronous schema for events and commands.',
  },
  BadRequest: {
    retryable: false,
    status: 400,
    about: 'The input does not fit its schema. `details.issues` names each field and what is wrong with it.',
  },
  CheckpointConflict: {
    retryable: true,
    status: 409,
    about: 'Another instance has moved this checkpoint. The work was rolled back; the runner goes on from the new checkpoint by itself.',
  },
  ConfigurationInvalid: {
    retryable: false,
    status: 500,
    about: 'An environment variable or the configuration file is wrong. The message names every fault at once.',
  },
  Conflict: {
    retryable: true,
    status: 409,
    about:
      'Something that the decision looked at has changed since. Load again and decide again; the command handler does that by itself before it gives up.',
  },
  DatabaseUnavailable: {
    retryable: true,
    status: 503,
    about:
      'The database cannot be reached, or the connection was lost. If an append was under way its outcome is unknown: repeat it with the same command id.',
  },
  DefinitionInvalid: {
    retryable: false,
    status: 500,
    about: 'An aggregate, projection or process manager is declared wrongly. The message says where.',
  },
  EventInvalid: {
    retryable: false,
    status: 422,
    about: 'An event cannot be stored: its data, type, tags or stream name break a limit or its schema.',
  },
  IdReused: {
    retryable: false,
    status: 409,
    about: 'The command id was used before for another command. Give each command an id of its own.',
  },
  Internal: {
    retryable: false,
    status: 500,
    about: 'A fault of the program. The correlation id leads to the log line with the stack.',
  },
  LogMismatch: {
    retryable: false,
    status: 503,
    about: 'The checkpoint belongs to another event log, or to another timeline of it. Rebuild what carries the checkpoint.',
  },
  MigrationChanged: {
    retryable: false,
    status: 500,
    about: 'A migration that was applied has been edited, removed or renumbered. Restore the file; put the change in a new migration.',
  },
  NotCaughtUp: {
    retryable: true,
    status: 503,
    about:
      'The read model did not reach the position asked for in time. Repeat the query; if it stays behind, look at the health of query-service.',
  },
  NotFound: {
    retryable: false,
    status: 404,
    about: 'There is nothing at this address, or no such stream, event or position.',
  },
  Overloaded: {
    retryable: true,
    status: 503,
    about: 'Too many appends are waiting. Slow down and repeat; nothing was appended.',
  },
  PositionOverflow: {
    retryable: false,
    status: 500,
    about: 'A position or version went beyond 2^53 − 1, which TypeScript numbers cannot hold exactly.',
  },
  SchemaTooNew: {
    retryable: false,
    status: 500,
    about: 'The database has migrations that this code does not know. Deploy the newer code.',
  },
  SchemaTooOld: {
    retryable: false,
    status: 500,
    about: 'The database lacks migrations. Run `kiroku migrate`.',
  },
  ServiceUnavailable: {
    retryable: true,
    status: 503,
    about: 'A service that is needed for the answer cannot be reached. Look at `kiroku health`.',
  },
  Stopping: {
    retryable: true,
    status: 503,
    about: 'The service is draining before it stops. Repeat the request; another instance or the next start answers it.',
  },
  UnknownCommand: {
    retryable: false,
    status: 404,
    about: 'No aggregate has a command of this type. `GET /commands` lists them.',
  },
  UnknownEvent: {
    retryable: false,
    status: 500,
    about: 'The log has an event type, or a schema version of it, that this code does not know. Deploy the code that wrote it.',
  },
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
