import { KirokuError } from '@kiroku/core';
import type { z } from 'zod';
import { type Settings, settingDoc } from './setting.ts';

/** One variable that cannot be used. */
export interface ConfigFault {
  readonly variable: string;
  readonly problem: string;
  readonly allowed: string;
}

/**
 * Reads the environment through a schema. Empty variables count as absent.
 * Throws `ConfigurationInvalid` that names every fault, in `details.faults` too.
 */
export function readConfig<S extends Settings>(settings: S, env: Readonly<Record<string, string | undefined>>): z.output<S> {
  const given = Object.fromEntries(
    Object.keys(settings.shape)
      .map((name) => [name, env[name]?.trim()] as const)
      .filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = settings.safeParse(given);
  if (parsed.success) return parsed.data;
  throw configurationInvalid(parsed.error.issues.map((issue) => toFault(settings, given, issue)));
}

/** The error for faults found in the environment. */
export function configurationInvalid(faults: readonly ConfigFault[]): KirokuError {
  const lines = faults.map(({ variable, problem, allowed }) => `  ${variable} ${problem}; allowed: ${allowed}`);
  return new KirokuError(
    'ConfigurationInvalid',
    `The environment has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}, so the process does not start:\n${lines.join('\n')}`,
    { details: { faults } },
  );
}

function toFault(settings: Settings, given: Readonly<Record<string, unknown>>, issue: z.core.$ZodIssue): ConfigFault {
  const variable = String(issue.path[0]);
  const schema = settings.shape[variable];
  const { allowed, secret } = schema === undefined ? { allowed: '', secret: true } : settingDoc(schema);
  if (!(variable in given)) return { variable, problem: 'is missing', allowed };
  return { variable, problem: secret ? issue.message : `(${JSON.stringify(given[variable])}) ${issue.message}`, allowed };
}
