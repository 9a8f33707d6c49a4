import createClient, { type Client } from 'openapi-fetch';
import type { paths } from './generated/operations.ts';

export interface OperationsClientOptions {
  /** Of the gateway: `http://127.0.0.1:4000`. */
  readonly url: string;
  /** On whose behalf, and why: what the audit log notes. */
  readonly operator: { readonly name: string; readonly reason?: string };
  /** Milliseconds for an answer. Default 30,000. */
  readonly timeoutMs?: number;
  /** Default: that of the platform. */
  readonly fetch?: (request: Request, init: { readonly signal: AbortSignal }) => Promise<Response>;
}

/** What a route answers with. */
export type Answered<Path extends keyof paths, Method extends keyof paths[Path]> = paths[Path][Method] extends {
  readonly responses: { readonly 200: { readonly content: { readonly 'application/json': infer Body } } };
}
  ? Body
  : never;

/** The operations API of a gateway, as its document describes it. */
export function openClient({ url, timeoutMs = 30_000, fetch: send = fetch }: OperationsClientOptions): Client<paths> {
  return createClient<paths>({
    baseUrl: new URL('operations', url.endsWith('/') ? url : `${url}/`).href,
    // not in a request of its own: that follows the signal only until garbage is collected
    fetch: (request) => send(request, { signal: AbortSignal.timeout(timeoutMs) }),
    querySerializer: { array: { style: 'form', explode: true } },
  });
}

/** What a change says about who makes it. */
export function onBehalf({ name, reason }: OperationsClientOptions['operator']): { operator: string; reason?: string } {
  return { operator: name, ...(reason !== undefined && { reason }) };
}
