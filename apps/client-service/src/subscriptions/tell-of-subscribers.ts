import type { Metrics } from '@kiroku/service';

interface Subscribers {
  readonly connections: () => number;
  readonly subscriptions: () => number;
}

/** What is called for each that is refused. */
export interface RefusedSubscribers {
  readonly connection: () => void;
  readonly subscription: () => void;
}

/** Tells how many follow rows, and how many were refused. */
export function tellOfSubscribers(metrics: Metrics, { connections, subscriptions }: Subscribers): RefusedSubscribers {
  metrics.atScrape((set) => {
    set('subscriberConnections', connections());
    set('subscriptions', subscriptions());
  });
  const refused = { connection: metrics.counter('refusedConnections'), subscription: metrics.counter('refusedSubscriptions') };
  for (const each of Object.values(refused)) each.inc(0); // known from the start: a rate needs two values
  return { connection: () => refused.connection.inc(), subscription: () => refused.subscription.inc() };
}
