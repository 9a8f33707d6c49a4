import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import { expect, test } from 'vitest';
import { readConfig } from '../config/read-config.ts';
import { serviceSettings } from '../config/shared-settings.ts';
import { listen, requireLoopback } from './listen.ts';

test.each(['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1', '::FFFF:127.0.0.1', 'localhost'])(
  '%s is of this machine alone',
  async (host) => {
    await expect(requireLoopback(host)).resolves.toBeUndefined();
  },
);

test.each(['0.0.0.0', '::', '192.168.1.7', '::ffff:10.0.0.1'])('%s is refused, with what to do instead', async (host) => {
  await expect(requireLoopback(host)).rejects.toMatchObject({
    code: 'ConfigurationInvalid',
    message: expect.stringMatching(/others can reach.*does not start.*127\.0\.0\.1.*SSH tunnel/),
    details: { host, addresses: [host] },
  });
});

test.each(['0.0.0.0', '::', 'example.com', '127.0.0.1.example.com'])('HOST=%s is a fault of the environment', (host) => {
  expect(() => readConfig(serviceSettings, { HOST: host })).toThrow(
    /HOST .* is not a loopback address.*access control.*allowed: 127\.0\.0\.1/,
  );
});

test('a port that another process has is a fault of the environment, and names the variable to change', async () => {
  const [one, another] = [fastify(), fastify()];
  await listen(one, { host: '127.0.0.1', port: 0, portVariable: 'SHOP_PORT' });
  const { port } = one.server.address() as AddressInfo; // it listens on a port
  await expect(listen(another, { host: '127.0.0.1', port, portVariable: 'SHOP_PORT' })).rejects.toMatchObject({
    code: 'ConfigurationInvalid',
    message: expect.stringMatching(new RegExp(`Port ${port} is taken.*set SHOP_PORT to a free port`)),
    cause: { code: 'EADDRINUSE' },
  });
  await Promise.all([one.close(), another.close()]);
});

test('another fault of listening is told as it is', async () => {
  const app = fastify();
  await expect(listen(app, { host: '127.0.0.1', port: 65_536, portVariable: 'SHOP_PORT' })).rejects.toMatchObject({
    code: 'ERR_SOCKET_BAD_PORT',
  });
  await app.close();
});

test('nothing listens where others can reach it', async () => {
  const app = fastify();
  await expect(listen(app, { host: '0.0.0.0', port: 0, portVariable: 'SHOP_PORT' })).rejects.toMatchObject({
    code: 'ConfigurationInvalid',
  });
  expect(app.addresses()).toEqual([]);
  await app.close();
});
