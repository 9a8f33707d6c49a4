import type { z } from 'zod';
import { type Settings, settingDoc } from '../config/setting.ts';

/** Shorter ones are words that stand in lines for other reasons. */
const shortest = 8;

/** What must never be logged of a configuration: the values of settings that are declared secret; of a URL its password. */
export function secretValues<S extends Settings>(settings: S, config: z.output<S>): readonly string[] {
  const given: Readonly<Record<string, unknown>> = config;
  const secrets = Object.entries(settings.shape)
    .filter(([, schema]) => settingDoc(schema).secret === true)
    .flatMap(([name]) => (typeof given[name] === 'string' ? partsOf(given[name]) : []));
  return [...new Set(secrets)].filter((value) => value.length >= shortest);
}

function partsOf(value: string): readonly string[] {
  if (!URL.canParse(value) || !value.includes('://')) return [value];
  const { password } = new URL(value);
  return [password, decoded(password)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign that stands for itself
  }
}
