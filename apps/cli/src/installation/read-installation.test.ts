import { defineConfig, systemOperator } from '@kiroku/operations';
import { describe, expect, test } from 'vitest';
import { describeInstallation } from './read-installation.ts';

const config = defineConfig({
  name: 'test',
  application: { name: 'test', aggregates: [], projections: [], processManagers: [] },
  services: [{ name: 'shop', entry: './shop.js', port: 4000, portVariable: 'SHOP_PORT' }],
});
const describeIn = (env: Record<string, string>) => describeInstallation('/srv/kiroku.config.ts', config, env);

describe('an installation', () => {
  test('has its data beside the configuration file, unless told otherwise', () => {
    expect(describeIn({}).dataDirectory).toBe('/srv/.kiroku');
    expect(describeIn({ KIROKU_DATA_DIR: 'data' }).dataDirectory).toBe('/srv/data');
    expect(describeIn({ KIROKU_DATA_DIR: '/data' }).dataDirectory).toBe('/data');
  });

  test('has the embedded PostgreSQL if no database is given', () => {
    expect(describeIn({}).databases).toBeUndefined();
    expect(describeIn({ DATABASE_URL: 'postgres://db/x' }).databases?.query_db).toBe('postgres://db/query_db');
  });

  test('refuses databases that are only partly given', () => {
    expect(() => describeIn({ QUERY_DATABASE_URL: 'postgres://db/x' })).toThrow(/EVENT_STORE_DATABASE_URL is missing/);
  });

  test('takes the ports of its services from their variables', () => {
    expect(describeIn({ SHOP_PORT: '5000' }).ports).toEqual({ shop: 5000 });
    expect(() => describeIn({ SHOP_PORT: 'x' })).toThrow(/SHOP_PORT/);
  });

  test('works for whom the command line, the environment or else the system names', () => {
    const source = 'command line';
    const operatorOf = (env: Record<string, string>, flags: { as?: string; reason?: string }) =>
      describeInstallation('/srv/kiroku.config.ts', config, env, flags).operator;
    expect(operatorOf({ KIROKU_OPERATOR: 'bob' }, { as: 'ada', reason: 'drill' })).toEqual({ name: 'ada', reason: 'drill', source });
    expect(operatorOf({ KIROKU_OPERATOR: 'bob' }, {})).toEqual({ name: 'bob', source });
    expect(operatorOf({}, {})).toEqual({ name: systemOperator(), source });
    expect(systemOperator()).toMatch(/^.+@.+$/);
  });
});
