import { type DatabaseStatus, type HealthReport, isFaultyDatabase, type ServiceHealth, type UnseenPart } from '@kiroku/operations';

type ToldReason = (reason: string | undefined) => string;

/** Makes what tells why in a table that has the databases: what one of them says itself is said there, and not by each that needs it. */
export function pointingTo(databases: readonly DatabaseStatus[]): ToldReason {
  return (reason = '') =>
    databases.reduce(
      (told, { name, reason: own }) => (own === undefined ? told : told.replaceAll(own, `see the database ${name}`)),
      reason,
    );
}

/** Makes what tells why a service is not ready, where other services are told of too: what one of them says of itself is said there. */
export function pointingToServices(services: readonly ServiceHealth[], told: ToldReason): ToldReason {
  return (reason = '') =>
    told(
      services.reduce(
        (text, { ready, reason: own }) => (ready || own === undefined ? text : text.replaceAll(`unready, ${own}`, 'unready, see there')),
        reason,
      ),
    );
}

/** What a table would be silent about: what the databases let nobody look at. */
export function untold({ databases, projections, work, unseen = [] }: HealthReport): readonly UnseenPart[] {
  const away = databases.filter(isFaultyDatabase).map(({ name }) => name);
  const reason = `see the database ${away.join(', ')}`;
  const silent = (name: UnseenPart['name'], seen: unknown): readonly UnseenPart[] =>
    seen !== undefined || away.length === 0 || unseen.some((each) => each.name === name) ? [] : [{ name, reason }];
  return [...unseen, ...silent('projections', projections), ...silent('background work', work)];
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
