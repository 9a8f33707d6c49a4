import type { Alert } from '@kiroku/operations';

/** Tells what is new from one report to the next: alerts that are in another state than before. */
export class AlertChanges {
  #before = new Map<string, string>();

  /** Without anybody who has watched, every report begins anew, and since when something holds says nothing. */
  since(alerts: readonly Alert[], { watched }: { readonly watched: boolean }): readonly Alert[] {
    const now = new Map(alerts.map((alert) => [keyOf(alert), watched ? `${alert.state} ${alert.since}` : alert.state]));
    const changed = alerts.filter((alert) => this.#before.get(keyOf(alert)) !== now.get(keyOf(alert)));
    this.#before = now;
    return changed;
  }
}

function keyOf({ name, labels }: Alert): string {
  return JSON.stringify([name, labels]);
}
