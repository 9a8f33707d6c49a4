interface ErrorKind {
  /** May the same call succeed when repeated? */
  readonly retryable: boolean;
  /** HTTP status a service answers with. */
  readonly status: number;
  /** Is it a no to the command as it is, which it gets wherever it is carried out, until other code is deployed? Default: no. */
  readonly refusal?: true;
  /** What it means and what to do; docs/reference/errors.md is made of it. */
  readonly about: string;
}

/** Every fault the platform raises. Business refusals are rejections, not errors. */
export const errorKinds = {
  AnotherHistory: {
    retryable: false,
    status: 409,
    about:
      'The position belongs to a history that a restore left: the log was restored to an earlier moment, and what stood there is gone. Forget the position, and read again what you need, without `atLeast`; what was written after that moment has to be written again.',
  },
  AnswerNotRecorded: {
    retryable: false,
    status: 500,
    about:
      'A service outside has answered a call, and the answer cannot be recorded as it is: the command for it, or an event of that, is refused. The call has been made and is not repeated: the command that asked for it is parked. `kiroku saga show ID` has the reason; deploy what mends it, then `kiroku saga retry ID`.',
  },
  AsyncSchema: {
    retryable: false,
    status: 500,
    refusal: true,
    about: 'A schema validated asynchronously. Use a synchronous schema for events and commands.',
  },
  BackupDamaged: {
    retryable: false,
    status: 500,
    about:
      'A backup, or a piece of write-ahead log, is not what was kept: altered, cut short, or not readable. The message names the part. Restore from another backup; `kiroku backup verify --all` says which are whole.',
  },
  BackupForeign: {
    retryable: false,
    status: 409,
    about: 'A backup belongs to another installation, application or log. Look at BACKUP_URL: each installation needs a place of its own.',
  },
  BackupIncomplete: {
    retryable: false,
    status: 409,
    about:
      'A backup was never finished, so it cannot be restored. `kiroku backup list` shows those that can; `kiroku backup prune` removes unfinished ones after a day.',
  },
  BackupKeyWrong: {
    retryable: false,
    status: 403,
    about: 'The backups are encrypted with another BACKUP_KEY, or are encrypted and there is none. Set the one that they were made with.',
  },
  BackupStoreUnavailable: {
    retryable: true,
    status: 503,
    about:
      'The place that backups are kept in cannot be read or written: permissions, disk space, network, or the credentials of the bucket. The message names the place, and what to do.',
  },
  BackupTooNew: {
    retryable: false,
    status: 409,
    about: 'A backup was made by newer code, in a format that this code does not know. Deploy that code, then restore.',
  },
  BadRequest: {
    retryable: false,
    status: 400,
    refusal: true,
    about:
      'What was sent or asked for is wrong: it does not fit its schema, or names what there is none of. `issues` (in code `details.issues`) names each field and what is wrong with it. Over HTTP a body that is not sent as JSON has the status 415, and one beyond 1 MiB 413.',
  },
  BuildInUse: {
    retryable: false,
    status: 409,
    about:
      'The build of a read model cannot be retired: queries read it, or a running instance needs it. Switch to another build, or stop the instances first.',
  },
  BuildNotReady: {
    retryable: true,
    status: 409,
    about: 'The build of a read model is not complete, so it cannot be read. `kiroku projection list` says how far it is.',
  },
  BuildOutdated: {
    retryable: false,
    status: 409,
    about:
      'A later build of the read model is read by now, so a rebuild that was begun before does not switch to its own. `kiroku projection switch NAME --build N` switches all the same.',
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
  ConsumerExists: {
    retryable: false,
    status: 409,
    about: 'A consumer of this name is registered already. Take another name, or remove that one first: `kiroku consumer list`.',
  },
  DatabaseUnavailable: {
    retryable: true,
    status: 503,
    about:
      'The database cannot be reached, or the connection was lost. If an append was under way its outcome is unknown: repeat it with the same command id.',
  },
  DecisionInvalid: {
    retryable: false,
    status: 500,
    refusal: true,
    about:
      'A decision made an event that does not fit its schema, so nothing was appended. Whoever sent the command is not at fault: mend `decide`, or the schema. `details.issues` names each field.',
  },
  DefinitionInvalid: {
    retryable: false,
    status: 500,
    about: 'An aggregate, projection or process manager is declared wrongly. The message says where.',
  },
  EventDamaged: {
    retryable: false,
    status: 500,
    about:
      'An encrypted field of an event cannot be opened with the key it was made with, so it was altered in the database. `kiroku events verify --deep` lists what else was; restore the log from a backup.',
  },
  EventInvalid: {
    retryable: false,
    status: 422,
    refusal: true,
    about: 'An event cannot be stored: its data, type, tags or stream name break a limit or its schema.',
  },
  EventsTooNew: {
    retryable: false,
    status: 500,
    about:
      'The log has events of a newer schema version than this code writes, so it would append data of an outdated shape and could not read what is there. Deploy the newer code.',
  },
  IdReused: {
    retryable: false,
    status: 409,
    refusal: true,
    about: 'The command id was used before for another command. Give each command an id of its own.',
  },
  ImportRefused: {
    retryable: false,
    status: 422,
    about:
      'A line of the file cannot be imported: it is damaged, its event is in the log already, or its version does not continue its stream. The message names the line. What stands before it may have been imported; a repeated import skips that.',
  },
  Internal: {
    retryable: false,
    status: 500,
    about: 'A fault of the program. The correlation id leads to the log line with the stack.',
  },
  JobAbandoned: {
    retryable: false,
    status: 500,
    about:
      'The processes that ran a job were killed, or ran out of memory, six times in a row without getting further. Look at their logs and at `kiroku job show ID`; with `--memory`, a rebuild needs less. Then `kiroku job resume ID`.',
  },
  JobEnded: {
    retryable: false,
    status: 409,
    about: 'The job has ended, so it can be neither paused, resumed nor cancelled. Start a new one; a failed job can be resumed.',
  },
  JobInterrupted: {
    retryable: false,
    status: 409,
    about: 'The job was paused or cancelled while it ran. `kiroku job resume ID` goes on with a paused one.',
  },
  JobLost: {
    retryable: false,
    status: 409,
    about: 'Another process has taken the job over, because its owner had not reported in time. `kiroku job show ID` says who runs it now.',
  },
  KeyMissing: {
    retryable: false,
    status: 503,
    about:
      'The key of a subject is not in the key store, does not open, or is another one, so personal data cannot be read. Look at KIROKU_KEY_DIR and SECRET_KEY_BASE; `kiroku restore keys` puts lost and damaged keys back from a backup. Without them the data is gone.',
  },
  KeyStoreUnavailable: {
    retryable: true,
    status: 503,
    about:
      'The keys that personal data is encrypted with cannot be read or written. Look at KIROKU_KEY_DIR: permissions, disk space, mount.',
  },
  LeaseLost: {
    retryable: true,
    status: 409,
    about:
      'Another instance has taken over this partition, because its owner had not renewed the lease in time. Nothing was written; the new owner goes on.',
  },
  LogMismatch: {
    retryable: false,
    status: 503,
    about:
      'A checkpoint belongs to another event log, or to another timeline of it: the log was restored, or the databases do not belong together. `kiroku doctor` says which, and `kiroku doctor --fix` repairs it; what waits goes on by itself then.',
  },
  MigrationChanged: {
    retryable: false,
    status: 500,
    about: 'A migration that was applied has been edited, removed or renumbered. Restore the file; put the change in a new migration.',
  },
  MomentExists: {
    retryable: false,
    status: 409,
    about:
      'The read models of that moment are built already, or the schema they need is taken. `kiroku replay list` shows what there is; `--replace` builds them anew.',
  },
  MomentNotBuilt: {
    retryable: false,
    status: 404,
    about:
      'The read models were not built as of that moment, so the query cannot be answered `asOf` it. The message names the command that builds them; `kiroku replay list` shows which moments there are.',
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
  ParkedKeys: {
    retryable: false,
    status: 409,
    about:
      'The new build has parked keys that the one being read has not, so switching to it would lose rows. Look at `kiroku projection parked list`, mend the fold, and rebuild.',
  },
  PartitionMissing: {
    retryable: true,
    status: 503,
    about:
      'The log has no partition for the next positions, or the next command ids; nothing was appended. Run `kiroku db maintain`, and see that it runs regularly.',
  },
  PositionOverflow: {
    retryable: false,
    status: 500,
    about: 'A position or version went beyond 2^53 − 1, which TypeScript numbers cannot hold exactly.',
  },
  ProjectionUnsupported: {
    retryable: false,
    status: 409,
    about:
      'The projection runs SQL of its own, so it can be neither verified, repaired nor rebuilt in parts. Rebuild it as a whole: the new build follows the log from its beginning, beside the one that is read.',
  },
  RebuildHeldUp: {
    retryable: false,
    status: 503,
    about:
      'A rebuild or a replay cannot go on: there is no room left on the disk of query_db, or a thread needs more memory than its share. What is read is as it was. Make room, then `kiroku job resume ID`; for more memory, cancel it and begin again.',
  },
  RebuildUnderWay: {
    retryable: false,
    status: 409,
    about: 'This projection version is being rebuilt already. `kiroku job list` shows the job; wait for it, resume it, or cancel it.',
  },
  RestoreRefused: {
    retryable: false,
    status: 409,
    about: 'A restore would harm what is there, so it does nothing. The message says what, and what to do first.',
  },
  RestoreTargetOutOfRange: {
    retryable: false,
    status: 422,
    about: 'There is nothing to restore that time or position from. The message names the earliest and the latest that can be restored.',
  },
  RowInvalid: {
    retryable: false,
    status: 500,
    about:
      'A fold returned a row that its table cannot hold: a column that is not declared, one that is missing, or a value of another type. The key is parked.',
  },
  SagaNotSteerable: {
    retryable: false,
    status: 409,
    about:
      'The saga is not in a state in which that can be done: it has ended, or its last step is under way. `kiroku saga show ID` says where it stands.',
  },
  SchemaChanged: {
    retryable: false,
    status: 500,
    about:
      'The schema of an event type was changed, under the same version, so that events already stored may not fit it. Raise its version and add an upcaster, or undo the change; the message says which field.',
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
  SignatureInvalid: {
    retryable: false,
    status: 401,
    about:
      'A webhook is not signed with the secret that was agreed on, or is older than five minutes; nothing was recorded. Compare the secrets and the clocks of both sides.',
  },
  Stopping: {
    retryable: true,
    status: 503,
    about: 'The service is draining before it stops. Repeat the request; another instance or the next start answers it.',
  },
  SubjectForgotten: {
    retryable: false,
    status: 410,
    refusal: true,
    about: 'The personal data of this subject was forgotten for good, so nothing new can be stored about them. Use a new id.',
  },
  ToolFailed: {
    retryable: false,
    status: 500,
    about: 'A program that the verb drives (pg_dump, pg_restore, pgBackRest) was not content. The message has what it said.',
  },
  ToolMissing: {
    retryable: false,
    status: 500,
    about: 'A program that the verb needs is not installed, or too old. The message names it, and the command that installs it.',
  },
  TooManySubscriptions: {
    retryable: true,
    status: 503,
    about:
      'The gateway carries as many subscriptions as it may, over all connections. End some, ask another instance, or repeat it later; its operator can raise `GRAPHQL_MAX_SUBSCRIPTIONS`.',
  },
  UnknownCommand: {
    retryable: false,
    status: 404,
    refusal: true,
    about: 'No aggregate has a command of this type. `GET /commands` lists them.',
  },
  UnknownEvent: {
    retryable: false,
    status: 500,
    about: 'The log has an event type, or a schema version of it, that this code does not know. Deploy the code that wrote it.',
  },
  WalConflict: {
    retryable: false,
    status: 409,
    about:
      'A segment of the write-ahead log is in the archive already, with other content: two servers write to one archive, or an older copy of the server was started. Give each its own BACKUP_URL.',
  },
  WalMissing: {
    retryable: false,
    status: 409,
    about:
      'A segment of the write-ahead log is not in the archive, so nothing after it can be restored. The message names it. Make a new backup; restores to before the gap are as they were.',
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

  /** A no to the command as it is: each repetition gets the same. */
  get refusal(): boolean {
    const kind: ErrorKind = errorKinds[this.code];
    return kind.refusal === true;
  }
}

/** Is it one of ours, of this code if one is given? An error of another copy of this package is none. */
export function isKirokuError(error: unknown, code?: ErrorCode): error is KirokuError {
  return error instanceof KirokuError && (code === undefined || error.code === code);
}
