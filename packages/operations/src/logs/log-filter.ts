import { KirokuError } from '@kiroku/core';
import { meantName } from '../config/meant-name.ts';
import { type EntryLevel, entryLevels, fieldsOf, type LogEntry } from './log-entry.ts';
import { type PassesOver, passesOver } from './passed-over.ts';
import { soughtTexts } from './sought-text.ts';

/** Which lines are wanted. */
export interface LogFilter {
  /** At least so important. */
  readonly level?: string;
  /** ISO 8601: not before. */
  readonly since?: string;
  /** A regular expression that the line, or what people read of it, must have a match for. */
  readonly grep?: string;
  /** Of this request, wherever it went. */
  readonly correlationId?: string;
}

type Check = (entry: LogEntry) => boolean;

export interface Wanted {
  readonly fits: Check;
  /** Texts of which each line of a service's log that fits has one, as it is stored. Absent if that cannot be said. */
  readonly sought?: (service: string) => readonly string[] | undefined;
  /** Lines that do not fit by how they begin. */
  readonly passesOver?: PassesOver;
}

export const everything: Wanted = { fits: () => true };

/** What people see of a line. */
export interface ReadableForm {
  readonly of: (entry: LogEntry) => string;
  /** Words that it has and the line need not, besides numbers and the name of the service. See `soughtTexts`. */
  readonly adds: readonly string[];
}

/** Which lines fit a filter. Throws `BadRequest` for a level that is none, a time that is none, or an expression that cannot be read. */
export function logFilter(filter: LogFilter, readable: ReadableForm): Wanted {
  const { level, since, grep, correlationId } = filter;
  const checks: readonly Check[] = [
    ...(since === undefined ? [] : [notBefore(since)]),
    ...(level === undefined ? [] : [atLeast(level)]),
    ...(correlationId === undefined ? [] : [correlated(correlationId)]),
    ...(grep === undefined ? [] : [matching(grep, readable)]),
  ];
  const fits: Check = (entry) => checks.every((check) => check(entry));
  return { fits, ...soughtIn(filter, readable), ...(level === undefined && since === undefined ? {} : { passesOver: passing(filter) }) };
}

function soughtIn({ correlationId, grep }: LogFilter, readable: ReadableForm): Pick<Wanted, 'sought'> {
  if (correlationId !== undefined) return { sought: () => [JSON.stringify(correlationId)] };
  return grep === undefined ? {} : { sought: (service) => soughtTexts(grep, [...readable.adds, service]) };
}

function passing({ level, since }: LogFilter): PassesOver {
  return passesOver({
    ...(level !== undefined && { level: requireLevel(level) }),
    ...(since !== undefined && { since: Date.parse(since) }),
  });
}

/** The services whose logs are wanted: one, or all. Throws `NotFound`, with the name that was probably meant. */
export function logServices(names: readonly string[], wanted: string | undefined): readonly string[] {
  if (wanted === undefined) return names;
  if (names.includes(wanted)) return [wanted];
  throw new KirokuError('NotFound', `There is no service ${JSON.stringify(wanted).slice(0, 100)} here. ${meantName(wanted, names)}`);
}

/** Throws `BadRequest` for a level that is none. */
export function requireLevel(level: string): EntryLevel {
  const found = entryLevels.find((each) => each === level.toLowerCase());
  if (found !== undefined) return found;
  throw new KirokuError('BadRequest', `"${level.slice(0, 50)}" is no level of a log. There are: ${entryLevels.join(', ')}.`);
}

function notBefore(since: string): Check {
  const from = Date.parse(since);
  if (!Number.isFinite(from)) throw new KirokuError('BadRequest', `"${since.slice(0, 50)}" is no time. Give it as 2026-11-24T10:00:00Z.`);
  return ({ time = Number.NEGATIVE_INFINITY }) => time >= from;
}

function atLeast(level: string): Check {
  const least = entryLevels.indexOf(requireLevel(level));
  return (entry) => entryLevels.indexOf(entry.level) >= least;
}

function correlated(id: string): Check {
  const written = JSON.stringify(id);
  return (entry) => entry.text.includes(written) && fieldsOf(entry)?.correlationId === id;
}

function matching(grep: string, readable: ReadableForm): Check {
  const expression = expressionOf(grep);
  return (entry) => expression.test(entry.text) || expression.test(readable.of(entry));
}

function expressionOf(grep: string): RegExp {
  try {
    return new RegExp(grep, 'u');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new KirokuError(
      'BadRequest',
      `The expression for --grep cannot be read. ${why}. Put a backslash before a character that stands for itself.`,
      {
        cause,
      },
    );
  }
}
