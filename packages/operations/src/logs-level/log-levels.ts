import { type JsonObject, KirokuError, type OperatorAudit } from '@kiroku/core';
import { recordedRun } from '../audit/audited-run.ts';
import type { Operator } from '../config/operator.ts';
import { logServices } from '../logs/log-filter.ts';

/** Least important first. `silent` logs nothing. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevelName = (typeof logLevels)[number];

/** A process of a service, and where it answers: `http://127.0.0.1:4001`. */
export interface ServiceAddress {
  readonly service: string;
  readonly url: string;
}

/** The level of the log of one process. */
export interface ProcessLogLevel extends ServiceAddress {
  /** Absent if it cannot be reached; `reason` says why. */
  readonly level?: string;
  /** What it falls back to. */
  readonly configured?: string;
  /** ISO 8601: when it falls back; absent while it is the configured one. */
  readonly until?: string;
  readonly reason?: string;
}

export interface LogLevelChange {
  /** Of which service; of all if absent. */
  readonly service?: string;
  /** `configured`: back to what it falls back to. */
  readonly level: LogLevelName | 'configured';
  /** Seconds until it falls back by itself, 1 to 86,400. Default 600. */
  readonly forSeconds?: number;
}

const timeoutMs = 3_000;
const noAnswer = `no answer within ${timeoutMs / 1_000} s`;

/** The levels of all processes, or of those of one service. Throws `NotFound` for a service that there is not. */
export async function readLogLevels(addresses: readonly ServiceAddress[], service?: string): Promise<readonly ProcessLogLevel[]> {
  return Promise.all(chosen(addresses, service).map((address) => told(address)));
}

/**
 * Changes levels for a time, in every process that can be reached. Throws `NotFound` for a service that there is not, `BadRequest` for a time
 * that is none, and `ServiceUnavailable` if a process cannot be reached; those that can be have changed.
 */
export async function changeLogLevels(
  { addresses, audit }: { readonly addresses: readonly ServiceAddress[]; readonly audit: OperatorAudit },
  { change, operator }: { readonly change: LogLevelChange; readonly operator: Operator },
): Promise<readonly ProcessLogLevel[]> {
  const { service, level, forSeconds = 600 } = change;
  if (!Number.isSafeInteger(forSeconds) || forSeconds < 1 || forSeconds > 86_400)
    throw new KirokuError('BadRequest', 'The level of a log changes for 1 second to 24 hours. Give a time in between.');
  const processes = chosen(addresses, service);
  const by = operator.name;
  const body = level === 'configured' ? { reset: true, by } : { level, forSeconds, by };
  return recordedRun(audit, operator, {
    verb: 'logs level',
    arguments: { service: service ?? 'all', level, ...(level !== 'configured' && { forSeconds }) },
    before: async () => (await Promise.all(processes.map((address) => told(address)))).map(asJson),
    run: async () => requireAll(await Promise.all(processes.map((address) => told(address, body)))),
    after: (levels) => levels.map(asJson),
  });
}

function chosen(addresses: readonly ServiceAddress[], service: string | undefined): readonly ServiceAddress[] {
  const names = logServices([...new Set(addresses.map((address) => address.service))], service);
  return addresses.filter((address) => names.includes(address.service));
}

function requireAll(levels: readonly ProcessLogLevel[]): readonly ProcessLogLevel[] {
  const failed = levels.filter(({ level }) => level === undefined);
  if (failed.length === 0) return levels;
  const list = failed.map(({ service, url, reason }) => `${service} at ${url} (${reason})`).join(', ');
  const late = failed.some(({ reason }) => reason === noAnswer);
  const rest = [
    ...(failed.length < levels.length ? ['The others were changed.'] : late ? [] : ['Nothing was changed.']),
    ...(late ? ['What has not answered may still change it once it goes on: `kiroku logs level` tells.'] : []),
  ];
  const what = late ? 'was not changed in time' : 'could not be changed';
  throw new KirokuError('ServiceUnavailable', `The log level ${what} of ${list}. ${rest.join(' ')} Look at \`kiroku health\`.`);
}

async function told(address: ServiceAddress, change?: object): Promise<ProcessLogLevel> {
  const { service, url } = address;
  try {
    const request = change && { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(change) };
    const response = await fetch(`${url}/log-level`, { ...request, signal: AbortSignal.timeout(timeoutMs) });
    const answer: unknown = await response.json();
    if (!response.ok || typeof answer !== 'object' || answer === null) throw new Error(`it answers with status ${response.status}`);
    const { level, configured, until } = answer as Readonly<Record<string, unknown>>; // an object's fields may be anything
    if (typeof level !== 'string' || typeof configured !== 'string') throw new Error('what answers there tells no log level');
    return { service, url, level, configured, ...(typeof until === 'string' && { until }) };
  } catch (error) {
    return { service, url, reason: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return noAnswer;
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function asJson(level: ProcessLogLevel): JsonObject {
  return { ...level };
}
