import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GraphqlClient } from './graphql-client.ts';
import { placeOrder, registerCustomer, stockProduct } from './shopkeeping.ts';

export interface Acknowledged {
  readonly orderId: string;
  readonly position: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Someone who orders one thing after the other, and remembers what was acknowledged. */
export class RememberingBuyer {
  readonly acknowledged: Acknowledged[] = [];
  readonly #graphql: GraphqlClient;
  #buying = true;
  #running: Promise<void> | undefined;

  constructor(graphql: GraphqlClient) {
    this.#graphql = graphql;
  }

  start(): void {
    this.#running = this.#buy();
  }

  async stop(): Promise<void> {
    this.#buying = false;
    await this.#running;
  }

  async #buy(): Promise<void> {
    const graphql = this.#graphql;
    const [productId, customerId] = await Promise.all([stockProduct(graphql, 10_000), registerCustomer(graphql)]);
    while (this.#buying) {
      const orderId = randomUUID();
      const placed = await placeOrder(graphql, { customerId, productId, quantity: 1, orderId }).catch(() => undefined); // the shop is being harmed
      if (placed === undefined) await sleep(50);
      else this.acknowledged.push({ orderId, position: placed.position, at: Date.now() });
    }
  }
}
