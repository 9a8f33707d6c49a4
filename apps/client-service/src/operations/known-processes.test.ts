import { expect, test } from 'vitest';
import { clientServiceSettings } from '../config.ts';
import { knownProcesses, namedProcesses } from './known-processes.ts';

const gateway = 'http://a:4000';

test('each command-service behind a load balancer is asked by itself, and named by its URL', () => {
  const { COMMAND_SERVICE_INSTANCE_URLS: commands = [] } = clientServiceSettings.parse({
    COMMAND_SERVICE_URL: 'http://balancer:80',
    COMMAND_SERVICE_INSTANCE_URLS: 'http://b:4001,http://c:4001',
  });
  const urls = { gateway, commands, queries: ['http://d:4002'] };
  expect(knownProcesses(urls).map(({ service, url }) => `${service} at ${url}`)).toEqual([
    'client-service at http://a:4000',
    'command-service at http://b:4001',
    'command-service at http://c:4001',
    'query-service at http://d:4002',
  ]);
  expect(namedProcesses(urls).map(({ name }) => name)).toEqual([
    'client-service',
    'command-service http://b:4001',
    'command-service http://c:4001',
    'query-service',
  ]);
});
