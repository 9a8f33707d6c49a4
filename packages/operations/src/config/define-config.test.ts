import { expect, test } from 'vitest';
import { defineConfig, type ServiceConfig } from './define-config.ts';

const application = { name: 'test', aggregates: [], projections: [], processManagers: [] };
const service = (name: string, port: number, portVariable: ServiceConfig['portVariable']): ServiceConfig => ({
  name,
  entry: `./${name}.js`,
  port,
  portVariable,
});

test.each([
  ['name', [service('a', 1, 'A_PORT'), service('a', 2, 'B_PORT')]],
  ['port', [service('a', 1, 'A_PORT'), service('b', 1, 'B_PORT')]],
  ['portVariable', [service('a', 1, 'A_PORT'), service('b', 2, 'A_PORT')]],
])('two services with the same %s are refused', (what, services) => {
  expect(() => defineConfig({ name: 'test', application, services })).toThrow(`the ${what}`);
});
