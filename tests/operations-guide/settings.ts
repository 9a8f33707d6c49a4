import { embeddedSettings, operatorSettings } from '@kiroku/service';
import { backupSettings, supervisorSettings } from '@kiroku/service/config';
import type { z } from 'zod';
import { clientServiceSettings } from '../../apps/client-service/src/config.ts';
import { commandServiceSettings } from '../../apps/command-service/src/config.ts';
import { paymentSimulatorSettings } from '../../apps/payment-simulator/src/config.ts';
import { queryServiceSettings } from '../../apps/query-service/src/config.ts';

const settings: ReadonlyMap<string, z.ZodType> = new Map(
  [
    clientServiceSettings,
    commandServiceSettings,
    queryServiceSettings,
    paymentSimulatorSettings,
    embeddedSettings,
    supervisorSettings,
    backupSettings,
    operatorSettings,
  ].flatMap(({ shape }): [string, z.ZodType][] => Object.entries(shape)),
);

/** Every variable of the environment that a program reads. */
export const settingNames: ReadonlySet<string> = new Set(settings.keys());

/** Would a program start with this value? */
export function takes(name: string, value: string): boolean {
  return settings.get(name)?.safeParse(value).success ?? false;
}
