import type { WorkStatus } from './judge-work.ts';
import type { ServiceHealth } from './service-health.ts';

/** As a service that delivers to them has all consumers among what it depends on. */
const consumers = 'webhooks to consumers';

/**
 * That nothing is overdue does not say that somebody is there: what runs by the databases, and no service tells of, is unknown while a service that may
 * be the one that does it is silent.
 */
export function toldWork(work: readonly WorkStatus[], services: readonly ServiceHealth[]): readonly WorkStatus[] {
  const silent = services.filter(({ state }) => state === 'unreachable').map(({ name }) => name);
  if (silent.length === 0) return work;
  const told = new Set(services.flatMap(({ dependencies }) => dependencies.map(({ name }) => name)));
  const reason = `nothing is overdue, but ${silent.join(' and ')} ${silent.length === 1 ? 'does' : 'do'} not answer, and no other service tells of it`;
  return work.map((each) =>
    each.state !== 'running' || told.has(each.name.startsWith('consumer ') ? consumers : each.name)
      ? each
      : { name: each.name, state: 'unknown', reason },
  );
}
