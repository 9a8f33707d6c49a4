import { withoutPasswords } from '@kiroku/core';
import {
  type Bindings,
  type ChildLoggerOptions,
  type DestinationStream,
  type Logger,
  type LoggerOptions as PinoOptions,
  pino,
  stdTimeFunctions,
} from 'pino';
import { PinoPretty } from 'pino-pretty';
import { idsOf, type LogContext, logContext } from './log-context.ts';
import { loggable, loggableText, personalValues } from './loggable.ts';

import { RotatedFile } from './rotated-file.ts';
import { withoutSecrets } from './without-secrets.ts';

export type { Logger } from 'pino';

export interface LoggerOptions {
  readonly service: string;
  readonly instance: string;
  readonly level: string;
  readonly format: 'auto' | 'json' | 'pretty';
  /** Names of fields that are never written, at any depth. Default: none besides secrets. */
  readonly personal?: ReadonlySet<string>;
  /** Texts that are never written, wherever they stand. */
  readonly secrets?: readonly string[];
  /** Where lines go. Default: standard output. */
  readonly destination?: DestinationStream;
}

/**
 * A structured log: one JSON object per line with time, level, service and instance, and the ids of what is being handled (`withLogContext`).
 * Secrets and personal fields are left out at any depth, and no line grows without bound.
 */
export function createLogger(options: LoggerOptions): Logger {
  const { service, instance, level, format, personal = new Set(), secrets = [] } = options;
  const pretty = format === 'pretty' || (format === 'auto' && process.stdout.isTTY === true);
  const withoutConfigured = withoutSecrets(secrets);
  // formatters are not told which logger writes: what its line may not say is noted when it is called, and it writes at once
  let values: readonly string[] = none;
  const safe = (fields: object) => loggable(fields, { personal, values });
  const writing = <T>(by: object, write: () => T): T => {
    values = personalValuesOf(contextsOf(by), personal);
    try {
      return write();
    } finally {
      values = none;
    }
  };
  const settings: PinoOptions = {
    level,
    base: { service, instance },
    timestamp: stdTimeFunctions.isoTime,
    formatters: {
      level: (label) => ({ level: label }),
      log: (fields) => (asItIs in fields ? fields : safe(fields)) as Record<string, unknown>,
    },
    serializers: { err: (described: unknown) => described }, // not by pino: it would describe the description
    mixin: (_fields, _level, by) => idsFor(by),
    hooks: {
      logMethod(args, method) {
        if (isAsItIs(args)) method.apply(this, args);
        else writing(this, () => method.apply(this, safeArguments(args, values, safe) as typeof args)); // as many, of the same kinds
      },
      streamWrite: (line) => withoutConfigured(withoutPasswords(line)),
    },
  };
  const logger: Logger = pino(settings, options.destination ?? (pretty ? prettyStream() : pino.destination({ fd: 1, sync: true })));
  return withSafeChildren(logger, (by, fields) => writing(by, () => safe(fields)));
}

/** A destination of lines in a file of bounded size, for a logger of JSON. */
export function logFileStream(
  file: { readonly path: string; readonly maxBytes: number; readonly maxFiles: number },
  { service, instance }: { readonly service: string; readonly instance: string },
): RotatedFile {
  return new RotatedFile({
    ...file,
    describeLoss: ({ lines, since, reason }) =>
      `${JSON.stringify({
        level: 'error',
        time: new Date().toISOString(),
        service,
        instance,
        lost: lines,
        since,
        reason,
        msg: `${lines} lines of this log could not be written (${reason}) and are lost; the service went on`,
      })}\n`,
  });
}

/** Marks fields that are written as they are. */
const asItIs = Symbol('kiroku.log.asItIs');

/**
 * Fields of a line, or of a logger, in which nothing stands that came from outside but ids whose form was checked: there is nothing to leave out of
 * them, and looking for it takes longer than writing them. The text of the line is one of ours, too.
 */
export function plainFields<F extends object>(fields: F): F {
  return Object.assign(fields, { [asItIs]: true });
}

function isAsItIs([fields]: readonly unknown[]): boolean {
  return typeof fields === 'object' && fields !== null && asItIs in fields;
}

/** Marks loggers that carry the correlation id of their request themselves. */
const ofRequest = Symbol('kiroku.log.request');
/** What a logger is of, whatever is followed. */
const boundContext = Symbol('kiroku.log.context');

/** Binds a logger to what it logs of: its lines carry the ids, and none of the personal values, of the context. */
export function bindLogger<L extends object>(logger: L, context: LogContext): L {
  return Object.assign(logger, { [boundContext]: context });
}

/** A logger of its own for what is done within a context. */
export function loggerWithin(logger: Logger, context: LogContext): Logger {
  return bindLogger(logger.child({}), context);
}

/** Of a logger, and of what is being done: the inner one last. */
function contextsOf(logger: object): readonly LogContext[] {
  const bound = (logger as { readonly [boundContext]?: LogContext })[boundContext]; // `bindLogger` puts it there
  const followed = logContext();
  return [bound, followed].filter((each) => each !== undefined);
}

function idsFor(logger: object): Record<string, string> {
  const { correlationId, ...ids } = Object.assign({}, ...contextsOf(logger).map((each) => idsOf(each))) as Record<string, string>;
  return ofRequest in logger || correlationId === undefined ? ids : { correlationId, ...ids };
}

const none: readonly string[] = [];
function personalValuesOf(contexts: readonly LogContext[], personal: ReadonlySet<string>): readonly string[] {
  if (personal.size === 0 || contexts.length === 0) return none;
  return personalValues(
    contexts.map(({ given, command }) => [given, command?.data]),
    personal,
  );
}

/** What a log call is given: of errors, their message is one too; texts are cleaned, and fields are when they are written. */
function safeArguments(args: readonly unknown[], values: readonly string[], safe: (fields: object) => object): unknown[] {
  const [first, second, ...rest] = args;
  const error = first instanceof Error ? first : undefined;
  const start = error === undefined ? [first] : [{ err: error }];
  const message = error !== undefined && second === undefined ? error.message : second;
  const given = message === undefined && rest.length === 0 ? start : [...start, message, ...rest];
  return given.map((each, index) => {
    if (typeof each === 'string') return loggableText(each, values);
    return index > 0 && typeof each === 'object' && each !== null ? safe(each) : each; // `%o`
  });
}

// pino gives its children no formatter for their fields
function withSafeChildren(logger: Logger, safe: (by: Logger, fields: object) => object): Logger {
  const plain: { child(this: Logger, bindings: Bindings, options?: ChildLoggerOptions): Logger } = Object.getPrototypeOf(logger); // pino's own
  return Object.assign(logger, {
    child(this: Logger, bindings: Bindings, options?: ChildLoggerOptions) {
      const made = plain.child.call(this, asItIs in bindings ? bindings : safe(this, bindings), options);
      return 'correlationId' in bindings ? Object.assign(made, { [ofRequest]: true }) : made;
    },
  });
}

// Synchronous, so that the last lines of a stopping process are there.
function prettyStream(): DestinationStream {
  return PinoPretty({
    sync: true,
    colorize: process.stdout.isTTY === true,
    ignore: 'instance,pid,hostname',
    translateTime: 'SYS:HH:MM:ss.l',
  });
}
