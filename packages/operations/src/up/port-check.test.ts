import { describe, expect, test } from 'vitest';
import type { KirokuConfig } from '../config/define-config.ts';
import { requireDistinctPorts } from './port-check.ts';

const service = (name: string, port: number) => ({ name, port, portVariable: `${name.toUpperCase()}_PORT`, entry: 'main.js' });
const config = { services: [service('a', 1), service('b', 2)] } as unknown as KirokuConfig; // all that is looked at
const given = { config, ports: {}, postgresPort: 3, databases: undefined };
const urls = { event_store: '', command_db: '', query_db: '' };

describe('the ports of an installation', () => {
  test('may be any that differ', () => {
    expect(() => requireDistinctPorts(given)).not.toThrow();
  });

  test('are refused, with their variables, when two are the same', () => {
    expect(() => requireDistinctPorts({ ...given, ports: { b: 1 } })).toThrow(/A_PORT and B_PORT have the same port, 1/);
    expect(() => requireDistinctPorts({ ...given, postgresPort: 2 })).toThrow(/B_PORT and POSTGRES_PORT/);
  });

  test('do not count that of a PostgreSQL which is not started', () => {
    expect(() => requireDistinctPorts({ ...given, postgresPort: 2, databases: urls })).not.toThrow();
  });
});
