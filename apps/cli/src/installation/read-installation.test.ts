import { defineConfig, namedProcesses, serviceAddresses, systemOperator } from '@kiroku/operations';
import { describe, expect, test } from 'vitest';
import { describeInstallation } from './read-installation.ts';

const config = defineConfig({
  name: 'test',
  application: { name: 'test', aggregates: [], projections: [], processManagers: [] },
  services: [{ name: 'shop', entry: './shop.js', port: 4000, portVariable: 'SHOP_PORT', instancesVariable: 'SHOP_INSTANCE_URLS' }],
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

  test('asks each instance of a service that has several, and names it by its URL', () => {
    const [a, b] = ['http://a:4000', 'http://b:4000'];
    const one = serviceAddresses(describeIn({ SHOP_PORT: '5000' }));
    expect(one).toEqual([{ service: 'shop', url: 'http://127.0.0.1:5000' }]);
    expect(namedProcesses(one).map(({ name }) => name)).toEqual(['shop']);
    const several = serviceAddresses(describeIn({ SHOP_INSTANCE_URLS: `${a}, ${b}` }));
    expect(several).toEqual([a, b].map((url) => ({ service: 'shop', url })));
    expect(namedProcesses(several).map(({ name }) => name)).toEqual([`shop ${a}`, `shop ${b}`]);
    expect(() => describeIn({ SHOP_INSTANCE_URLS: `${a},${a}` })).toThrow(/SHOP_INSTANCE_URLS/);
  });

  test('has its backups in its data directory, unless told otherwise', () => {
    expect(describeIn({}).backup).toMatchObject({ besideData: true, repository: { place: '/srv/.kiroku/backups' } });
    expect(describeIn({ KIROKU_DATA_DIR: '/data' }).backup.repository.place).toBe('/data/backups');
    expect(describeIn({ BACKUP_URL: 'safe' }).backup).toMatchObject({ besideData: false, repository: { place: '/srv/safe' } });
    expect(describeIn({ BACKUP_URL: 's3://bucket/shop' }).backup.repository.place).toBe('s3://bucket/shop');
    for (const place of ['https://bucket/shop', 's3://', 's3://Bucket'])
      expect(() => describeIn({ BACKUP_URL: place })).toThrow(/BACKUP_URL/);
  });

  test('is backed up at two, keeps that for 30 days, and tries it on Sundays, unless told otherwise', () => {
    expect(describeIn({}).backup).toMatchObject({ schedule: '0 2 * * *', drillSchedule: '0 4 * * 0', keepDays: 30 });
    expect(describeIn({ BACKUP_SCHEDULE: 'off' }).backup.schedule).toBeUndefined();
    expect(describeIn({ BACKUP_SCHEDULE: '*/5  1-3 * * mon,FRI' }).backup.schedule).toBe('*/5 1-3 * * mon,FRI');
    for (const wrong of ['0 2 * *', '0 0 2 * * *', '61 * * * *', '@daily', '0 0 L * *'])
      expect(() => describeIn({ BACKUP_SCHEDULE: wrong })).toThrow(/BACKUP_SCHEDULE/);
  });

  test('never repeats a key of backups that is too short', () => {
    expect(() => describeIn({ BACKUP_KEY: 'hunter2' })).toThrow(/BACKUP_KEY is shorter|BACKUP_KEY .*shorter/);
    expect(() => describeIn({ BACKUP_KEY: 'hunter2' })).not.toThrow(/hunter2/);
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
