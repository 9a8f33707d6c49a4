import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { KirokuError } from '@kiroku/core';
import type { FastifyInstance } from 'fastify';

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** The variable the port comes from, for the message when it is taken. */
  readonly portVariable: string;
}

/** Listens on the loopback address. Throws `ConfigurationInvalid` if the port is taken, or if the host is another address, under whatever name. */
export async function listen(app: FastifyInstance, { host, port, portVariable }: ListenOptions): Promise<void> {
  await requireLoopback(host);
  try {
    await app.listen({ port, host });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    throw new KirokuError(
      'ConfigurationInvalid',
      `Port ${port} is taken by another process, so this one cannot listen. Stop the other, or set ${portVariable} to a free port.`,
      { cause: error },
    );
  }
}

/** Throws unless all addresses of a host are of this machine alone: a name, even localhost, means what the system says it does. */
export async function requireLoopback(host: string): Promise<void> {
  const addresses = isIP(host) === 0 ? (await lookup(host, { all: true })).map(({ address }) => address) : [host];
  const open = addresses.filter((address) => !isLoopback(address));
  if (open.length === 0) return;
  const named = open[0] === host ? host : `${host} (${open.join(', ')})`;
  throw new KirokuError(
    'ConfigurationInvalid',
    `HOST is ${named}, which others can reach, and anybody who reaches a service may do everything until there is access control: this process does not start. Set HOST to 127.0.0.1, and let others in through an SSH tunnel or a proxy that asks who they are.`,
    { details: { host, addresses: open } },
  );
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\.\d+\.\d+\.\d+$/i.test(address);
}
