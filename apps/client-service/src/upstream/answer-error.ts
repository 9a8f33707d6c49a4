import type { SchemaIssue } from '@kiroku/core';
import { GatewayError } from '../graphql/gateway-error.ts';

/** Makes an error of an answer that is not a success: a rejection, a problem, or something unexpected. */
export function answerError(status: number, body: unknown): GatewayError {
  if (!isRecord(body)) return unexpected(status);
  const { outcome, code, message, detail, details, issues, retryable } = body;
  if (typeof code !== 'string') return unexpected(status);
  if (outcome === 'rejected') {
    return new GatewayError(String(message), { code, kind: 'rejection', ...(isRecord(details) && { details }) });
  }
  const kind = status < 500 && retryable !== true ? 'invalid' : 'fault';
  const faults = issuesOf(issues);
  return new GatewayError(faults === undefined ? String(detail) : `Not accepted: ${listed(faults)}.`, {
    code,
    kind,
    ...(kind === 'fault' && { retryable: retryable === true }),
    ...(faults !== undefined && { issues: faults }),
    ...(isRecord(details) && { details }),
  });
}

/** Makes an error of a service that did not answer; ours stay as they are. */
export function unreachable(service: string, error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  const timedOut = error instanceof Error && error.name === 'TimeoutError';
  const what = timedOut ? 'has not answered in time' : 'cannot be reached';
  return new GatewayError(
    `The ${service} ${what}. ${timedOut ? 'What was asked of it may still take effect' : 'Nothing is known to have changed'}; a command may be repeated with the same commandId.`,
    { code: 'ServiceUnavailable', kind: 'fault', retryable: true },
    { cause: error },
  );
}

/** The faults of the input, as the GraphQL client named it: what a query sends as `params` are its arguments. */
function issuesOf(issues: unknown): SchemaIssue[] | undefined {
  if (!Array.isArray(issues) || issues.length === 0) return undefined;
  return issues.filter(isRecord).map(({ path, message }) => ({ path: String(path).replace(/^params\.?/, ''), message: String(message) }));
}

function listed(issues: readonly SchemaIssue[]): string {
  return issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
}

function unexpected(status: number): GatewayError {
  return new GatewayError(`A service gave an answer that cannot be understood (status ${status}).`, {
    code: 'Internal',
    kind: 'fault',
    retryable: false,
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
