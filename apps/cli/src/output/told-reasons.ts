import type { DatabaseStatus } from '@kiroku/operations';

type ToldReason = (reason: string | undefined) => string;

/** Makes what tells why in a table that has the databases: what one of them says itself is said there, and not by each that needs it. */
export function pointingTo(databases: readonly DatabaseStatus[]): ToldReason {
  return (reason = '') =>
    databases.reduce(
      (told, { name, reason: own }) => (own === undefined ? told : told.replaceAll(own, `see the database ${name}`)),
      reason,
    );
}

/** The same for parts that follow one another: what one has said, the next do not. */
export function sayingOnce(told: ToldReason): (name: string, reason: string | undefined) => string {
  const first = new Map<string, string>();
  return (name, reason) => {
    if (reason === undefined) return '';
    const pointed = told(reason);
    const teller = first.get(reason);
    if (teller !== undefined && pointed === reason) return `as ${teller}`;
    first.set(reason, name);
    return pointed;
  };
}
