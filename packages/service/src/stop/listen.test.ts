import { expect, test } from 'vitest';
import { readConfig } from '../config/read-config.ts';
import { serviceSettings } from '../config/shared-settings.ts';
import { requireLoopback } from './listen.ts';

test.each(['127.0.0.1', '127.8.8.8', '::1', 'localhost'])('%s is of this machine alone', async (host) => {
  await expect(requireLoopback(host)).resolves.toBeUndefined();
});

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
