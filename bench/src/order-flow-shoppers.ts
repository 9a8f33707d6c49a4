import { setTimeout as sleep } from 'node:timers/promises';
import { PostgresEventStore } from '@kiroku/postgres';
import { Gateway } from './gateway.ts';

const products = 200;
const customers = 500;

/** How one order went: milliseconds from sending it, by the shopper's clock. */
interface Fulfilled {
  readonly placed: number;
  readonly settled: number;
  readonly type: string;
}

export interface Run {
  /** Seconds in which the orders were settled. */
  readonly seconds: number;
  readonly confirmed: number;
  readonly others: number;
  /** Milliseconds from sending an order until its confirmation could be read from the log, sorted. */
  readonly latencies: readonly number[];
}

/** Orders single products over GraphQL, and sees in the log how they end. */
export class Shoppers implements AsyncDisposable {
  readonly #gateway: Gateway;
  readonly #log: PostgresEventStore;
  readonly #stopping = new AbortController();
  readonly #waiting = new Map<string, (type: string) => void>();
  readonly #customers: string[] = [];
  readonly #products: string[] = [];
  #following: Promise<void> = Promise.resolve();
  #orders = 0;

  constructor(options: { readonly url: string; readonly eventStoreUrl: string }) {
    this.#gateway = new Gateway(options);
    this.#log = new PostgresEventStore({ url: options.eventStoreUrl, maxConnections: 2 });
  }

  /** Registers customers, and puts products on sale. */
  async start(): Promise<void> {
    const { createCategory } = await this.#mutate<{ createCategory: { id: string } }>(
      'mutation ($input: CreateCategoryInput!) { createCategory(input: $input) { id: categoryId } }',
      { name: `Benchmark ${crypto.randomUUID()}` }, // the shop may have been here before
    );
    const product = { categoryId: createCategory.id, price: { amount: '12.50', currency: 'EUR' } };
    for (let n = 0; n < products; n++) {
      const { addProduct } = await this.#mutate<{ addProduct: { id: string } }>(
        'mutation ($input: AddProductInput!) { addProduct(input: $input) { id: productId } }',
        { ...product, name: `Tea ${n}` },
      );
      this.#products.push(addProduct.id);
      await this.#mutate('mutation ($input: ReceiveStockInput!) { receiveStock(input: $input) { position } }', {
        productId: addProduct.id,
        quantity: 1_000_000,
      });
    }
    for (let n = 0; n < customers; n++) {
      const { registerCustomer } = await this.#mutate<{ registerCustomer: { id: string } }>(
        'mutation ($input: RegisterCustomerInput!) { registerCustomer(input: $input) { id: customerId } }',
        { name: 'Hanako Sato', email: `${crypto.randomUUID()}@example.org` },
      );
      this.#customers.push(registerCustomer.id);
    }
    const { position } = await this.#log.head();
    this.#following = this.#follow(position);
  }

  /** So many orders a second, whether those before are settled or not. */
  async atRate(rate: number, seconds: number): Promise<Run> {
    const started = performance.now();
    const orders: Promise<Fulfilled>[] = [];
    while (orders.length < rate * seconds) {
      const due = Math.min(rate * seconds, ((performance.now() - started) / 1_000) * rate);
      while (orders.length < due) orders.push(this.#order(started + (orders.length * 1_000) / rate));
      await sleep(2);
    }
    return outcome(await Promise.all(orders), started);
  }

  /** A new order whenever one is settled, so many under way. */
  async asFastAsItGoes(underWay: number, seconds: number): Promise<Run> {
    const started = performance.now();
    const loop = async (): Promise<readonly Fulfilled[]> => {
      const orders: Fulfilled[] = [];
      while (performance.now() - started < seconds * 1_000) orders.push(await this.#order(performance.now()));
      return orders;
    };
    const loops = await Promise.all(Array.from({ length: underWay }, loop));
    return outcome(loops.flat(), started);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#following;
    await this.#log.stop();
    await this.#gateway[Symbol.asyncDispose]();
  }

  async #order(dueAt: number): Promise<Fulfilled> {
    const n = this.#orders++;
    const orderId = crypto.randomUUID();
    const settled = new Promise<string>((resolve) => this.#waiting.set(orderId, resolve));
    const items = [{ productId: this.#products[n % this.#products.length], quantity: 1 }];
    await this.#mutate('mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { position } }', {
      orderId,
      customerId: this.#customers[(n * 7) % this.#customers.length],
      items,
      paymentToken: 'card-on-file',
    });
    const placed = performance.now() - dueAt;
    const type = await settled;
    return { placed, settled: performance.now() - dueAt, type };
  }

  async #follow(after: number): Promise<void> {
    const filter = { types: ['OrderConfirmed', 'OrderCancelled'] };
    for await (const { events } of this.#log.subscribe({ after, filter, signal: this.#stopping.signal })) {
      for (const { type, data } of events) {
        if (typeof data.orderId !== 'string') continue;
        this.#waiting.get(data.orderId)?.(type);
        this.#waiting.delete(data.orderId);
      }
    }
  }

  #mutate<T>(query: string, input: object): Promise<T> {
    return this.#gateway.mutate(query, { input });
  }
}

function outcome(orders: readonly Fulfilled[], started: number): Run {
  const confirmed = orders.filter(({ type }) => type === 'OrderConfirmed');
  return {
    seconds: (performance.now() - started) / 1_000,
    confirmed: confirmed.length,
    others: orders.length - confirmed.length,
    latencies: confirmed.map(({ settled }) => settled).sort((a, b) => a - b),
  };
}
