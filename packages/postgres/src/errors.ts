import { type ErrorCode, KirokuError } from '@kiroku/core';
import { databaseNames } from './migrate/database-name.ts';
import { databaseOfFault } from './naming-faults.ts';

interface Meaning {
  readonly code: ErrorCode;
  readonly message: string;
}

const unavailable: Meaning = {
  code: 'DatabaseUnavailable',
  message:
    'The database cannot be reached, so nothing can be read or stored. The call may be repeated; see that PostgreSQL runs and accepts connections.',
};
const closed: Meaning = {
  code: 'DatabaseUnavailable',
  message:
    'The database takes no connections, as while it is restored. The call may be repeated; if nothing restores it, `alter database … allow_connections true`.',
};
const exhausted: Meaning = {
  code: 'DatabaseUnavailable',
  message: 'The database has run out of connections, memory or disk and refused the statement. Free some, then repeat the call.',
};
const readOnly: Meaning = {
  code: 'DatabaseUnavailable',
  message:
    'The server is read-only, probably a standby, so nothing can be stored. Point the URL at the primary, or wait for the failover to end.',
};
const cancelled: Meaning = {
  code: 'DatabaseUnavailable',
  message: 'The statement was cancelled before it ended, by a timeout or an operator, and changed nothing. The call may be repeated.',
};
const serialization: Meaning = {
  code: 'Conflict',
  message: 'Another transaction changed the same rows at the same time and this one was undone. Repeat the call.',
};
const locked: Meaning = {
  code: 'Overloaded',
  message: 'A lock was not free in time, so nothing was changed. Repeat the call; if it lasts, see who holds the lock in pg_locks.',
};
const denied: Meaning = {
  code: 'ConfigurationInvalid',
  message: 'The database does not let this user in, or does not have it. Check user and password of the URL.',
};
const noDatabase: Meaning = {
  code: 'ConfigurationInvalid',
  message:
    'The server does not have this database. Create event_store, command_db and query_db on it (`create database …`) and run `kiroku migrate`, or correct the URL.',
};
const forbidden: Meaning = {
  code: 'ConfigurationInvalid',
  message:
    'The role of the URL may not do this. Services and `kiroku` connect as a member of kiroku_service, `kiroku migrate` as one of kiroku_owner or as a superuser: use such a URL, or migrate if grants are missing.',
};
const notMigrated: Meaning = {
  code: 'SchemaTooOld',
  message: 'The database lacks an object this code needs. Run `kiroku migrate` and start again.',
};
const stopping: Meaning = {
  code: 'Stopping',
  message: 'The connections to the database have been closed because the program stops. Repeat the call after the restart.',
};
const internal: Meaning = {
  code: 'Internal',
  message: 'The database refused a statement, which is a defect of the program or of its configuration.',
};

/** SQLSTATEs, most specific first: a whole code, or its class of two characters. */
const meanings: { readonly [state: string]: Meaning | undefined } = {
  '25006': readOnly,
  '25P03': unavailable,
  '3D000': noDatabase,
  '3F000': notMigrated,
  '40001': serialization,
  '40P01': serialization,
  '42501': forbidden,
  '42703': notMigrated,
  '42883': notMigrated,
  '42P01': notMigrated,
  '55P03': locked,
  '57014': cancelled,
  '57P01': unavailable,
  '57P02': unavailable,
  '57P03': unavailable,
  '57P04': denied,
  '57P05': unavailable,
  '08': unavailable,
  '28': denied,
  '53': exhausted,
  '58': unavailable,
  KR003: {
    code: 'PositionOverflow',
    message: 'The log would grow beyond position 2^53−1, the last that a number holds exactly. Nothing was appended.',
  },
};

const outOfTurn = 'KR006';
const lostConnection = new Set(
  'ECONNREFUSED ECONNRESET ECONNABORTED EPIPE ETIMEDOUT EHOSTUNREACH EHOSTDOWN ENETUNREACH ENETDOWN ENOTFOUND EAI_AGAIN ENOENT'.split(' '),
);
// what pg itself raises has no code
const lostConnectionText =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client has encountered a connection error|Client was closed|read E|write E)/;

/** Turns what a driver or PostgreSQL raised into ours; the only place that knows SQLSTATEs. The original is its `cause`. */
export function toKirokuError(error: unknown): KirokuError {
  if (error instanceof KirokuError) return error;
  const code = codeOf(error);
  const { code: ours, message } = meaningOf(code, error);
  const text = error instanceof Error && error.message !== '' ? ` (${error.message})` : '';
  return new KirokuError(ours, `${naming(message, databaseOfFault(error))}${text}`, {
    cause: error,
    details: code === undefined ? {} : { sqlState: code },
  });
}

/** There are three databases, which may be on servers of their own. */
function naming(message: string, database: string | undefined): string {
  if (database === undefined) return message;
  const isOurs = databaseNames.some((name) => name === database);
  const [subject, object] = isOurs ? [database, database] : [`The database ${database}`, `the database ${database}`];
  return message.replace(/^The server is/, () => `The server of ${object} is`).replace(/^The database/, () => subject);
}

function meaningOf(code: string | undefined, error: unknown): Meaning {
  if (code === undefined) return meaningOfText(error instanceof Error ? error.message : '');
  if (lostConnection.has(code)) return unavailable;
  if (code === '55000' && isOfConnecting(error)) return closed;
  return meanings[code] ?? meanings[code.slice(0, 2)] ?? internal;
}

/** 55000 has other uses, which are defects. The routine is named by every server in the same words, whatever language it speaks. */
function isOfConnecting(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'routine' in error && error.routine === 'CheckMyDatabase';
}

function meaningOfText(text: string): Meaning {
  if (text.startsWith('Cannot use a pool after calling end')) return stopping;
  return lostConnectionText.test(text) ? unavailable : internal;
}

/** Did PostgreSQL refuse the statement? Then it changed nothing. Of anything else, such as a lost connection, that is not known. */
export function isRefusal(error: unknown): boolean {
  const state = codeOf(error);
  return state !== undefined && /^[0-9A-Z]{5}$/.test(state) && !/^(08|57P|EPIPE)/.test(state);
}

/** May the statement have failed because of its values? Then another's values may pass. */
export function isDataFault(error: unknown): boolean {
  const state = codeOf(error);
  return state !== undefined && state !== outOfTurn && (/^(22|23|54|KR)/.test(state) || state === 'XX000');
}

/** Was a batch refused only because the one it follows was? See migrations/event_store/0006_take_turn.sql. */
export function isOutOfTurn(error: unknown): boolean {
  return codeOf(error) === outOfTurn;
}

function codeOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
