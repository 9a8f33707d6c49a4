import type { SchemaIssue } from '@kiroku/core';

/** `invalid`: the request is wrong. `rejection`: a business rule said no. `fault`: something is broken. */
type ErrorKind = 'invalid' | 'rejection' | 'fault';

export interface ErrorExtensions {
  readonly [key: string]: unknown;
  readonly code: string;
  readonly kind: ErrorKind;
  readonly retryable?: boolean;
  readonly issues?: readonly SchemaIssue[];
  readonly details?: Readonly<Record<string, unknown>>;
}

/** An error as a GraphQL client sees it: the message, and these extensions. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly extensions: ErrorExtensions;

  constructor(message: string, extensions: ErrorExtensions, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.extensions = extensions;
  }
}

/** The request is wrong at one place. */
export function invalid(path: string, message: string): GatewayError {
  return new GatewayError(`${path}: ${message}.`, { code: 'BadRequest', kind: 'invalid', issues: [{ path, message }] });
}
