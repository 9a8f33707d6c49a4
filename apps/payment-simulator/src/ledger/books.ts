import type { Entry } from './operations.ts';

type PaymentStatus = 'authorised' | 'captured' | 'voided' | 'refunded';

/** How everything stands after the entries of a ledger, in their order. */
export class Books {
  readonly #entries = new Map<string, Entry>();
  readonly #payments = new Map<string, PaymentStatus>();
  readonly #barred = new Set<string>();

  entry(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  payment(id: string): PaymentStatus | undefined {
    return this.#payments.get(id);
  }

  /** Was the key given up before anything arrived with it? */
  isBarred(key: string): boolean {
    return this.#barred.has(key);
  }

  add(entry: Entry): void {
    this.#entries.set(entry.key, entry);
    const { outcome } = entry;
    switch (outcome.outcome) {
      case 'authorised':
      case 'captured':
      case 'refunded':
        this.#payments.set(outcome.paymentId, outcome.outcome);
        return;
      case 'voided':
        if (outcome.paymentId !== undefined) this.#payments.set(outcome.paymentId, 'voided');
        else if (entry.name === 'void') this.#barred.add(entry.request.authorisationKey);
        return;
      case 'cancelled':
        if (outcome.shipmentId === undefined && entry.name === 'cancel') this.#barred.add(entry.request.arrangementKey);
        return;
      case 'arranged':
      case 'declined':
        return;
      default:
        outcome satisfies never;
    }
  }
}
