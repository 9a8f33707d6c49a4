import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { isIP, isIPv6 } from 'node:net';
import proxyAddr from '@fastify/proxy-addr';

const identityHeaders = ['x-actor', 'x-forwarded-user', 'x-forwarded-groups'] as const;
const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** Is it an address, a network (`10.0.0.0/8`), or a name for some: `loopback`, `linklocal`, `uniquelocal`? */
export function isProxyRange(text: string): boolean {
  try {
    proxyAddr.compile(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Makes what leaves only that in a request's headers which may be believed about its origin. `x-forwarded-for` becomes one address: the nearest
 * that is none of the trusted proxies. Who it is (`x-actor`, `x-forwarded-user`, which wins, and `x-forwarded-groups`) stays if a trusted proxy says
 * so, and is dropped otherwise.
 */
export function originSettler(trusted: readonly string[] = ['loopback']): (request: IncomingMessage) => void {
  const isTrusted = remembered(proxyAddr.compile([...trusted]));
  return (request) => {
    const { headers } = request;
    const address = sourceAddress(request, isTrusted);
    if (address === undefined) drop(headers, 'x-forwarded-for');
    else headers['x-forwarded-for'] = address;
    const user = headers['x-forwarded-user'];
    if (!isTrusted(request.socket.remoteAddress ?? '', 0)) for (const name of identityHeaders) drop(headers, name);
    else if (user !== undefined) headers['x-actor'] = user;
  };
}

/** Only what is there: objects that something was deleted from are slow ever after. */
function drop(headers: IncomingHttpHeaders, name: string): void {
  if (name in headers) delete headers[name];
}

/** Reading an address takes 4 µs, and it is mostly the same few that ask. */
function remembered<T, More extends readonly unknown[]>(
  find: (address: string, ...more: More) => T,
): (address: string, ...more: More) => T {
  const known = new Map<string, T>();
  return (address, ...more) => {
    const before = known.get(address);
    if (before !== undefined) return before;
    if (known.size >= 1_000) known.clear();
    const found = find(address, ...more);
    known.set(address, found);
    return found;
  };
}

/** What a proxy passed on and is no address is not known to be true; then it is the proxy's own. */
function sourceAddress(request: IncomingMessage, isTrusted: (address: string, index: number) => boolean): string | undefined {
  if (request.headers['x-forwarded-for'] === undefined) return socketAddress(request);
  const last = proxyAddr.all(request, isTrusted).findLast((address) => isIP(address) > 0);
  return last === undefined ? undefined : canonical(last);
}

function socketAddress({ socket: { remoteAddress } }: IncomingMessage): string | undefined {
  return remoteAddress === undefined ? undefined : canonical(remoteAddress);
}

const canonical = remembered((address: string): string => {
  const ipv4 = mapped.exec(address)?.[1];
  if (ipv4 !== undefined) return ipv4;
  const [withoutZone = address] = address.split('%');
  return isIPv6(withoutZone) ? new URL(`http://[${withoutZone}]`).hostname.slice(1, -1) : address;
});
