import type { IncomingMessage } from 'node:http';
import { correlationHeader, correlationIdFrom, originSettler, type Requester } from '@kiroku/service';

/** Makes what says who opened a socket: as with requests, only trusted proxies are believed about that. */
export function socketRequester(trustedProxies: readonly string[] | undefined): (request: IncomingMessage) => Requester {
  const settleOrigin = originSettler(trustedProxies);
  return (request) => {
    settleOrigin(request);
    const { headers } = request;
    return { headers, id: correlationIdFrom(headers[correlationHeader]) };
  };
}
