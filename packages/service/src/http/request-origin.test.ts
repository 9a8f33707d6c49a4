import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { contextHeaders, requestContext } from './request-context.ts';
import { isProxyRange, originSettler } from './request-origin.ts';

function originOf(peer: string, headers: Record<string, string>, trusted?: readonly string[]) {
  const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: peer });
  const request = new IncomingMessage(socket);
  Object.assign(request.headers, headers);
  originSettler(trusted)(request);
  const { correlationId: _, ...origin } = requestContext({ id: 'c', headers: request.headers });
  return origin;
}

describe('where a request comes from', () => {
  test.each([
    ['the peer, if nobody says otherwise', '203.0.113.9', {}, '203.0.113.9'],
    ['the peer, whatever it claims, if it is no trusted proxy', '203.0.113.9', { 'x-forwarded-for': '1.2.3.4' }, '203.0.113.9'],
    ['what a trusted proxy says', '127.0.0.1', { 'x-forwarded-for': '203.0.113.9' }, '203.0.113.9'],
    ['the nearest untrusted, not what that claims', '127.0.0.1', { 'x-forwarded-for': '1.2.3.4, 203.0.113.9' }, '203.0.113.9'],
    ['past all trusted proxies', '10.0.0.2', { 'x-forwarded-for': '203.0.113.9, 10.0.0.1' }, '203.0.113.9'],
    ['the proxy itself, if what it passes on is no address', '10.0.0.2', { 'x-forwarded-for': "1.2.3.4, evil'; drop" }, '10.0.0.2'],
    ['the proxy itself, if it passes on nothing', '127.0.0.1', { 'x-forwarded-for': '' }, '127.0.0.1'],
    ['without the disguise of IPv4 as IPv6', '::ffff:203.0.113.9', {}, '203.0.113.9'],
    ['an IPv6 address in its one short form', '::1', { 'x-forwarded-for': '2001:DB8:0:0::1' }, '2001:db8::1'],
    ['without the zone of a local address', 'fe80::1%eth0', {}, 'fe80::1'],
  ])('is %s', (_title, peer, headers, expected) => {
    expect(originOf(peer, headers, ['loopback', '10.0.0.0/8']).sourceAddress).toBe(expected);
  });

  test('is this machine’s to say, if no proxies are named', () => {
    const claim = { 'x-forwarded-for': '203.0.113.9' };
    expect(originOf('127.0.0.1', claim).sourceAddress).toBe('203.0.113.9');
    expect(originOf('10.0.0.1', claim).sourceAddress).toBe('10.0.0.1');
    expect(originOf('127.0.0.1', claim, []).sourceAddress).toBe('127.0.0.1');
  });
});

describe('who sent a request', () => {
  const claimed = { 'x-actor': 'eve', 'x-forwarded-user': 'ada', 'x-forwarded-groups': 'staff,admins' };

  test('is what a trusted proxy has found out, rather than what was claimed to it', () => {
    expect(originOf('127.0.0.1', claimed)).toMatchObject({ actor: 'ada', role: 'staff,admins' });
    expect(originOf('127.0.0.1', { 'x-actor': 'process' })).toMatchObject({ actor: 'process' });
  });

  test.each(['Łukasz', 'josé', '管理者', 'हिन्दी'])('is %s, as proxies write it in UTF-8, also for the next service', (name) => {
    const sent = Buffer.from(name).toString('latin1'); // as Node reads it
    const origin = originOf('127.0.0.1', { 'x-forwarded-user': sent, 'x-forwarded-groups': sent });
    expect(origin).toMatchObject({ actor: name, role: name });
    const passedOn = contextHeaders({ correlationId: 'c', ...origin });
    expect(originOf('127.0.0.1', passedOn)).toMatchObject({ actor: name, role: name });
  });

  test('is read as Latin-1 if it is no UTF-8', () => {
    expect(originOf('127.0.0.1', { 'x-forwarded-user': 'jos\xe9' })).toMatchObject({ actor: 'josé' });
  });

  test('is nobody’s to claim but trusted proxies’', () => {
    expect(originOf('203.0.113.9', claimed)).toEqual({ sourceAddress: '203.0.113.9' });
    expect(originOf('203.0.113.9', { ...claimed, 'x-forwarded-for': '127.0.0.1' })).toEqual({ sourceAddress: '203.0.113.9' });
  });

  test.each([
    ['too long', 'a'.repeat(201)],
    ['of control characters', 'a\u0007b'],
    ['of lines', 'a\nb'],
    ['empty', ''],
  ])('is not known if the name is %s', (_title, name) => {
    expect(originOf('127.0.0.1', { 'x-forwarded-user': name, 'x-forwarded-groups': name })).toEqual({ sourceAddress: '127.0.0.1' });
  });
});

test.each([
  ['loopback', true],
  ['10.1.2.3', true],
  ['10.0.0.0/8', true],
  ['2001:db8::/32', true],
  ['proxy.example', false],
  ['10.0.0.0/33', false],
  ['', false],
])('%s as a range of addresses: %s', (text, valid) => {
  expect(isProxyRange(text)).toBe(valid);
});
