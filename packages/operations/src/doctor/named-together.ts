import { KirokuError } from '@kiroku/core';

const unreachable = ' cannot be reached';

/** What fails for the same reason is said in one sentence: `event_store, command_db and query_db cannot be reached …` */
export function namedTogether<Key>(faults: ReadonlyMap<Key, KirokuError>): ReadonlyMap<Key, KirokuError> {
  const subjects = new Map<string, Set<string>>();
  for (const { message } of faults.values()) {
    const { names, rest } = partsOf(message);
    subjects.set(rest, new Set([...(subjects.get(rest) ?? []), ...names]));
  }
  const together = ({ code, message, cause, details }: KirokuError): KirokuError => {
    const { rest } = partsOf(message);
    return new KirokuError(code, `${listed([...(subjects.get(rest) ?? [])])}${rest}`, { cause, details });
  };
  return new Map([...faults].map(([key, fault]) => [key, together(fault)]));
}

/** Whose fault it is, and what is told of it. Who is not named is no name. */
export function partsOf(message: string): { readonly names: readonly string[]; readonly rest: string } {
  const at = message.indexOf(unreachable);
  return at < 0 ? { names: [], rest: message } : { names: message.slice(0, at).split(/, | and /), rest: message.slice(at) };
}

function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}
