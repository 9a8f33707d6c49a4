import { type JsonObject, KirokuError, type OperatorAudit } from '@kiroku/core';
import { recordedRun } from '../audit/audited-run.ts';
import type { Operator } from '../config/operator.ts';
import { logServices } from '../logs/log-filter.ts';
import { type AskedProcess, askProcesses, type ProcessRequest, requireAnswers, type ServiceAddress } from '../processes/ask-processes.ts';

/** Least important first. `silent` logs nothing. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevelName = (typeof logLevels)[number];

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

interface ToldLevel {
  readonly level: string;
  readonly configured: string;
  readonly until?: string;
}

const request: ProcessRequest<ToldLevel> = { path: '/log-level', read: levelIn };
const words = {
  what: 'The log level',
  done: 'changed',
  doing: 'change it',
  nothing: 'Nothing was changed.',
  tells: 'kiroku logs level',
};

/** The levels of all processes, or of those of one service. Throws `NotFound` for a service that there is not. */
export async function readLogLevels(addresses: readonly ServiceAddress[], service?: string): Promise<readonly ProcessLogLevel[]> {
  return (await askProcesses(chosen(addresses, service), request)).map(levelOf);
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
    before: async () => (await askProcesses(processes, request)).map(levelOf).map(asJson),
    run: async () => {
      const told = requireAnswers(await askProcesses(processes, { ...request, method: 'PUT', body }), words);
      return told.map(({ answer, ...address }) => ({ ...address, ...answer }));
    },
    after: (levels) => levels.map(asJson),
  });
}

function chosen(addresses: readonly ServiceAddress[], service: string | undefined): readonly ServiceAddress[] {
  const names = logServices([...new Set(addresses.map((address) => address.service))], service);
  return addresses.filter((address) => names.includes(address.service));
}

function levelOf({ service, url, told }: AskedProcess<ToldLevel>): ProcessLogLevel {
  return { service, url, ...('answer' in told ? told.answer : { reason: told.reason }) };
}

function levelIn({ level, configured, until }: Readonly<Record<string, unknown>>): ToldLevel {
  if (typeof level !== 'string' || typeof configured !== 'string') throw new Error('what answers there tells no log level');
  return { level, configured, ...(typeof until === 'string' && { until }) };
}

function asJson(level: ProcessLogLevel): JsonObject {
  return { ...level };
}
