import { KirokuError } from '@kiroku/core';
import { isObject } from '../is-object.ts';

/** A process of a service, and where it answers: `http://127.0.0.1:4001`. */
export interface ServiceAddress {
  readonly service: string;
  readonly url: string;
}

/** Processes by the names that people read: one of several of a service has its URL in it. */
export function namedProcesses(addresses: readonly ServiceAddress[]): readonly { readonly name: string; readonly url: string }[] {
  const isAlone = (service: string) => addresses.filter((each) => each.service === service).length === 1;
  return addresses.map(({ service, url }) => ({ name: isAlone(service) ? service : `${service} ${url}`, url }));
}

/** What processes are asked about themselves. */
export interface ProcessRequest<T> {
  readonly path: string;
  /** Default: GET. */
  readonly method?: 'PUT' | 'POST';
  readonly body?: object;
  /** Default 3,000. */
  readonly timeoutMs?: number;
  /** What the answer says. Throws if it is none to this question. */
  readonly read: (answer: Readonly<Record<string, unknown>>) => T;
}

/** A process that was asked. */
export interface AskedProcess<T> extends ServiceAddress {
  readonly told: { readonly answer: T } | NoAnswer;
}

interface NoAnswer {
  /** Why there is none. */
  readonly reason: string;
  /** It may still do what it was asked. */
  readonly late: boolean;
}

/** Asks processes about themselves. Does not throw: that one does not answer says something, too. */
export async function askProcesses<T>(
  addresses: readonly ServiceAddress[],
  request: ProcessRequest<T>,
): Promise<readonly AskedProcess<T>[]> {
  return Promise.all(addresses.map(async ({ service, url }) => ({ service, url, told: await ask(url, request) })));
}

/** How it is told that something was not done. */
export interface FailureWords {
  /** `The log level`. */
  readonly what: string;
  /** `changed`. */
  readonly done: string;
  /** `change it`. */
  readonly doing: string;
  /** If no process has done it: `Nothing was changed.` Default: nothing. */
  readonly nothing?: string;
  /** The verb that tells whether a process has done it since. */
  readonly tells: string;
}

/** What all of them answered. Throws `ServiceUnavailable` if one has not, which says what became of the others. */
export function requireAnswers<T>(
  asked: readonly AskedProcess<T>[],
  words: FailureWords,
): readonly (ServiceAddress & { readonly answer: T })[] {
  const [answers, failed]: [(ServiceAddress & { answer: T })[], (ServiceAddress & NoAnswer)[]] = [[], []];
  for (const { told, ...address } of asked) {
    if ('answer' in told) answers.push({ ...address, ...told });
    else failed.push({ ...address, ...told });
  }
  if (failed.length > 0) throw failureOf(failed, answers.length, words);
  return answers;
}

function failureOf(
  failed: readonly (ServiceAddress & NoAnswer)[],
  others: number,
  { what, done, doing, nothing, tells }: FailureWords,
): KirokuError {
  const list = failed.map(({ service, url, reason }) => `${service} at ${url} (${reason})`).join(', ');
  const late = failed.some((each) => each.late);
  const rest = [
    ...(others > 0 ? [`The others were ${done}.`] : late || nothing === undefined ? [] : [nothing]),
    ...(late ? [`What has not answered may still ${doing} once it goes on: \`${tells}\` tells.`] : []),
    'Look at `kiroku health`.',
  ];
  return new KirokuError(
    'ServiceUnavailable',
    `${what} ${late ? `was not ${done} in time` : `could not be ${done}`} in ${list}. ${rest.join(' ')}`,
  );
}

async function ask<T>(url: string, { path, method, body, timeoutMs = 3_000, read }: ProcessRequest<T>): Promise<AskedProcess<T>['told']> {
  try {
    const init = method && { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body ?? {}) };
    const response = await fetch(`${url}${path}`, { ...init, signal: AbortSignal.timeout(timeoutMs) });
    const answer: unknown = await response.json();
    if (!response.ok || !isObject(answer)) throw new Error(problemIn(answer) ?? `it answers with status ${response.status}`);
    return { answer: read(answer) };
  } catch (error) {
    const late = error instanceof Error && error.name === 'TimeoutError';
    return { reason: late ? `no answer within ${timeoutMs / 1_000} s` : reasonOf(error), late };
  }
}

/** What is wrong, if the process says so itself. */
function problemIn(answer: unknown): string | undefined {
  return isObject(answer) && typeof answer.detail === 'string' ? answer.detail.replace(/\.$/, '') : undefined;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
