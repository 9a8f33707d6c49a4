import type { Metrics } from '@kiroku/service';

interface Subscribers {
  readonly connections: () => number;
  readonly subscriptions: () => number;
}

/** Tells how many follow rows. What it makes is called for each connection that is refused. */
export function tellOfSubscribers(metrics: Metrics, { connections, subscriptions }: Subscribers): () => void {
  metrics.atScrape((set) => {
    set('subscriberConnections', connections());
    set('subscriptions', subscriptions());
  });
  const refused = metrics.counter('refusedConnections');
  refused.inc(0); // known from the start: a rate needs two values
  return () => refused.inc();
}
