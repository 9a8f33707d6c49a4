import { expect, test } from 'vitest';
import { clientServiceSettings } from '../config.ts';
import { knownProcesses } from './known-processes.ts';

test('each gateway and each command-service behind a load balancer is asked by itself', () => {
  const { CLIENT_SERVICE_INSTANCE_URLS: gateways = [], COMMAND_SERVICE_INSTANCE_URLS: commands = [] } = clientServiceSettings.parse({
    CLIENT_SERVICE_INSTANCE_URLS: 'http://a:4000,http://e:4000',
    COMMAND_SERVICE_URL: 'http://balancer:80',
    COMMAND_SERVICE_INSTANCE_URLS: 'http://b:4001,http://c:4001',
  });
  expect(knownProcesses({ gateways, commands, queries: ['http://d:4002'] }).map(({ service, url }) => `${service} at ${url}`)).toEqual([
    'client-service at http://a:4000',
    'client-service at http://e:4000',
    'command-service at http://b:4001',
    'command-service at http://c:4001',
    'query-service at http://d:4002',
  ]);
});
