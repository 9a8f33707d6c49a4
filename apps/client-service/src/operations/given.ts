import type { Operator } from '@kiroku/operations';

type Given<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** What of a body was given. */
export function given<T extends object>(options: T): Given<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Given<T>; // the same keys, without those
}

/** On whose behalf a request changes something. */
export function operatorOf({ operator: name, reason }: { readonly operator: string; readonly reason?: string | undefined }): Operator {
  return { name, source: 'operations API', ...(reason !== undefined && { reason }) };
}
