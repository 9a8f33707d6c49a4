import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { eventLoopPrecisionMs, type Metrics } from './metrics.ts';

/** How busy the event loop is, and how late it comes to its timers. */
export function tellOfEventLoop(metrics: Metrics): void {
  const delays = monitorEventLoopDelay({ resolution: eventLoopPrecisionMs });
  delays.enable();
  const busy = metrics.counter('eventLoopBusy');
  metrics.atScrape((set) => {
    busy.reset(); // it is counted by Node
    busy.inc(performance.eventLoopUtilization().active / 1_000);
    // a delay is measured from one timer to the next, so the wait itself is in it
    const lateness = (nanoseconds: number) => Math.max(0, nanoseconds / 1e9 - eventLoopPrecisionMs / 1_000);
    if (delays.count === 0) return;
    set('eventLoopLag', lateness(delays.percentile(50)), { quantile: '0.5' });
    set('eventLoopLag', lateness(delays.percentile(99)), { quantile: '0.99' });
    set('eventLoopLag', lateness(delays.max), { quantile: '1' });
    delays.reset();
  });
}
