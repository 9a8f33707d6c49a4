import type { Alert } from '@kiroku/operations';

/** Tells what is new from one report to the next: alerts that are in another state than before. */
export class AlertChanges {
  #before = new Map<string, string>();

  since(alerts: readonly Alert[]): readonly Alert[] {
    const now = new Map(alerts.map((alert) => [keyOf(alert), `${alert.state} ${alert.since}`]));
    const changed = alerts.filter((alert) => this.#before.get(keyOf(alert)) !== now.get(keyOf(alert)));
    this.#before = now;
    return changed;
  }
}

function keyOf({ name, labels }: Alert): string {
  return JSON.stringify([name, labels]);
}
