import { expect, test } from 'vitest';
import type { KirokuConfig } from '../config/define-config.ts';
import { serviceEnvironment } from './service-environment.ts';

const orders = {
  name: 'orders',
  entry: './orders.js',
  port: 5001,
  portVariable: 'ORDERS_PORT',
  env: { COLOUR: 'red', SIZE: 'small' },
} as const;
const gateway = { name: 'gateway', entry: './gateway.js', port: 5000, portVariable: 'GATEWAY_PORT' } as const;
const config: KirokuConfig = {
  name: 'test',
  application: { name: 'test', aggregates: [], projections: [], processManagers: [] },
  services: [orders, gateway],
};
const databases = { event_store: 'postgres://e', command_db: 'postgres://c', query_db: 'postgres://q' };
const environment = serviceEnvironment(installation({ COLOUR: 'blue', DATABASE_URL: undefined }), orders, databases);

function installation(given: { readonly [name: string]: string | undefined }) {
  const ports = { orders: 6001, gateway: 5000 };
  return { config, host: '127.0.0.1', ports, root: '/app', dataDirectory: '/app/data', environment: given };
}

test('every service knows the port and the URL of every service', () => {
  expect(environment).toMatchObject({
    ORDERS_PORT: '6001',
    ORDERS_URL: 'http://127.0.0.1:6001',
    GATEWAY_PORT: '5000',
    GATEWAY_URL: 'http://127.0.0.1:5000',
  });
});

test('a service gets a URL for each database', () => {
  expect(environment).toMatchObject({
    EVENT_STORE_DATABASE_URL: 'postgres://e',
    COMMAND_DATABASE_URL: 'postgres://c',
    QUERY_DATABASE_URL: 'postgres://q',
  });
});

test("what the environment says wins over the configuration's own", () => {
  expect(environment).toMatchObject({ COLOUR: 'blue', SIZE: 'small' });
});

test('all services use the same keys, wherever they are started: those of the data directory, or where they are said to be', () => {
  const keysOf = (given: string) => serviceEnvironment(installation({ KIROKU_KEY_DIR: given }), orders, databases).KIROKU_KEY_DIR;
  expect(environment).toMatchObject({ KIROKU_DATA_DIR: '/app/data', KIROKU_KEY_DIR: '/app/data/keys' });
  expect(keysOf('')).toBe('/app/data/keys');
  expect(keysOf('../safe')).toBe('/safe');
  expect(keysOf('/mnt/keys')).toBe('/mnt/keys');
});

test('Node collects the garbage of a service in larger pieces, unless the environment says otherwise', () => {
  const optionsOf = (given: string) => serviceEnvironment(installation({ NODE_OPTIONS: given }), orders, databases).NODE_OPTIONS;
  expect(environment.NODE_OPTIONS).toBe('--max-semi-space-size=32');
  expect(optionsOf('--max-semi-space-size=8 --enable-source-maps')).toMatch(/ --max-semi-space-size=8 --enable-source-maps$/); // the last one counts
});
