import { isKirokuError, KirokuError } from '@kiroku/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ConfigFault, readConfig } from './read-config.ts';
import { choice, httpUrls, port, setting } from './setting.ts';
import { databaseSettings, serviceSettings } from './shared-settings.ts';

const settings = z.object({
  SHOP_PORT: port(4000, 'Port of the shop.'),
  COLOUR: choice({ values: ['red', 'green'], default: 'red', description: 'Colour of the door.' }),
  OWNER: setting(z.string(), { description: 'Who owns it.', allowed: 'a name' }),
});

function faultsOf(env: Record<string, string>, of: Parameters<typeof readConfig>[0] = settings): readonly ConfigFault[] {
  try {
    readConfig(of, env);
  } catch (error) {
    if (error instanceof KirokuError) return error.details.faults as readonly ConfigFault[]; // made by readConfig
    throw error;
  }
  return [];
}

describe('reading the environment', () => {
  it('takes defaults for what is not given', () => {
    expect(readConfig(settings, { OWNER: 'Ada' })).toEqual({ SHOP_PORT: 4000, COLOUR: 'red', OWNER: 'Ada' });
  });

  it('treats an empty variable as not given', () => {
    expect(readConfig(settings, { OWNER: 'Ada', SHOP_PORT: ' ' }).SHOP_PORT).toBe(4000);
  });

  it('takes one URL or several for the instances of a service', () => {
    const several = z.object({ SHOPS: httpUrls('http://a:1', 'Where the shops are.') });
    expect(readConfig(several, {}).SHOPS).toEqual(['http://a:1']);
    expect(readConfig(several, { SHOPS: 'http://a:1/, http://b:2' }).SHOPS).toEqual(['http://a:1', 'http://b:2']);
    expect(faultsOf({ SHOPS: 'http://a:1,' }, several)).toMatchObject([{ variable: 'SHOPS' }]);
    expect(faultsOf({ SHOPS: 'http://a:1,http://a:1/' }, several)).toMatchObject([{ variable: 'SHOPS' }]);
  });

  it('names every fault at once, with the variable, what is wrong and what is allowed', () => {
    expect(faultsOf({ SHOP_PORT: '99999', COLOUR: 'blue' })).toEqual([
      { variable: 'SHOP_PORT', problem: '("99999") is above 65535', allowed: 'a whole number from 1 to 65535' },
      { variable: 'COLOUR', problem: '("blue") is not one of the choices', allowed: 'red, green' },
      { variable: 'OWNER', problem: 'is missing', allowed: 'a name' },
    ]);
  });

  it('refuses a port that neither browsers nor fetch connect to', () => {
    expect(faultsOf({ SHOP_PORT: '6000', OWNER: 'Ada' })).toMatchObject([
      { variable: 'SHOP_PORT', problem: expect.stringContaining('neither browsers') },
    ]);
  });

  it('puts the faults into the message, one line each', () => {
    expect(() => readConfig(settings, { SHOP_PORT: '4e3' })).toThrow(/\n {2}SHOP_PORT .* is not a whole number.*\n {2}OWNER is missing/);
  });

  it('never repeats a secret that is wrong', () => {
    const [fault] = faultsOf({ DATABASE_URL: 'mysql://me:hunter2@db/shop' }, databaseSettings);
    expect(JSON.stringify(fault)).not.toContain('hunter2');
  });

  it('refuses an address that others can reach', () => {
    expect(faultsOf({ HOST: '0.0.0.0' }, serviceSettings)).toMatchObject([{ variable: 'HOST' }]);
  });

  it('is a ConfigurationInvalid error', () => {
    try {
      readConfig(settings, {});
      expect.unreachable();
    } catch (error) {
      expect(isKirokuError(error, 'ConfigurationInvalid')).toBe(true);
    }
  });
});
