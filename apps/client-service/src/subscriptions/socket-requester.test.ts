import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { requestContext } from '@kiroku/service';
import { describe, expect, it } from 'vitest';
import { socketRequester } from './socket-requester.ts';

const claimed = { 'x-actor': 'eve', 'x-forwarded-groups': 'admins', 'x-forwarded-for': '198.51.100.7', 'x-correlation-id': 'c-7' };

function openedFrom(peer: string) {
  const request = new IncomingMessage(Object.defineProperty(new Socket(), 'remoteAddress', { value: peer }));
  Object.assign(request.headers, claimed);
  return requestContext(socketRequester(['203.0.113.0/24'])(request));
}

describe('who opened a socket', () => {
  it('is what a trusted proxy says', () => {
    const known = { correlationId: 'c-7', actor: 'eve', role: 'admins', sourceAddress: '198.51.100.7' };
    expect(openedFrom('203.0.113.5')).toEqual(known);
  });

  it('is nobody’s to claim but trusted proxies’', () => {
    expect(openedFrom('192.0.2.1')).toEqual({ correlationId: 'c-7', sourceAddress: '192.0.2.1' });
  });
});
