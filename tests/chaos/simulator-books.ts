/** What the payment service and the carrier have done for each order, by their own ledger. */
export interface SimulatorBooks {
  /** Kinds of effects that took place, in alphabetical order, by order. */
  readonly effects: ReadonlyMap<string, readonly string[]>;
  /** Money that was taken and not given back, by order. */
  readonly taken: Readonly<Record<string, number>>;
  /** Orders whose customers' money is neither taken nor free again. */
  readonly held: readonly string[];
  /** Orders that a parcel is under way for. */
  readonly shipped: readonly string[];
}

interface Entry {
  readonly key: string;
  readonly name: 'authorise' | 'capture' | 'void' | 'refund' | 'arrange' | 'cancel';
  readonly request: { readonly amount?: { readonly amount: number } };
  readonly outcome: { readonly outcome: string };
}

/** Reads the whole ledger. Throws if an effect is in it twice. */
export async function readSimulatorBooks(url: string): Promise<SimulatorBooks> {
  const effects = new Map<string, string[]>();
  const [authorised, taken] = [new Map<string, number>(), new Map<string, number>()];
  const shipped = new Set<string>();
  const keys = new Set<string>();
  for await (const { key, name, request, outcome } of ledgerOf(url)) {
    if (keys.has(key)) throw new Error(`${key} is in the ledger twice.`);
    keys.add(key);
    const order = key.slice(key.indexOf(':') + 1);
    if (outcome.outcome !== 'declined') effects.set(order, [...(effects.get(order) ?? []), name].sort());
    switch (outcome.outcome) {
      case 'authorised':
        authorised.set(order, request.amount?.amount ?? Number.NaN);
        break;
      case 'captured':
        taken.set(order, authorised.get(order) ?? Number.NaN);
        authorised.delete(order);
        break;
      case 'voided':
        authorised.delete(order);
        break;
      case 'refunded':
        taken.delete(order);
        break;
      case 'arranged':
        shipped.add(order);
        break;
      case 'cancelled':
        shipped.delete(order);
        break;
    }
  }
  return { effects, taken: Object.fromEntries(taken), held: [...authorised.keys()], shipped: [...shipped] };
}

async function* ledgerOf(url: string): AsyncGenerator<Entry> {
  for (let after = 0; ; ) {
    const page = await fetch(`${url}/ledger?after=${after}&limit=10000`);
    const { entries, next } = (await page.json()) as { readonly entries: readonly Entry[]; readonly next: number }; // its document says so
    if (entries.length === 0) return;
    yield* entries;
    after = next;
  }
}
