import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningShop } from '../shop/running-shop.ts';
import { placeOrder, registerCustomer, stockProduct } from '../shop/shopkeeping.ts';

/** Buyers who order one after another, and repeat an order under its command id until it is acknowledged. */
export class Buyers implements AsyncDisposable {
  readonly acknowledged: string[] = [];
  /** What they buy; nobody else does. */
  readonly productId: string;
  readonly #loops: readonly Promise<void>[];
  #buying = true;
  #patient = true;

  private constructor(
    shop: () => RunningShop,
    wanted: { readonly productId: string; readonly customerId: string; readonly count: number },
  ) {
    this.productId = wanted.productId;
    this.#loops = Array.from({ length: wanted.count }, () => this.#buy(shop, wanted));
  }

  /** `shop`: which is asked now, as it may be started anew meanwhile. */
  static async start(shop: () => RunningShop, count: number): Promise<Buyers> {
    const { graphql } = shop();
    const [productId, customerId] = await Promise.all([stockProduct(graphql, 1_000_000), registerCustomer(graphql)]);
    return new Buyers(shop, { productId, customerId, count });
  }

  /** Returns when so many more orders have been acknowledged. */
  async bought(more: number): Promise<void> {
    for (const until = this.acknowledged.length + more; this.acknowledged.length < until; ) await sleep(20);
  }

  /** Returns when every order that was begun has been acknowledged. */
  async stop(): Promise<void> {
    this.#buying = false;
    await Promise.all(this.#loops);
  }

  /** Unlike `stop`, does not insist on what was begun. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#patient = false;
    this.#buying = false;
    await Promise.allSettled(this.#loops);
  }

  async #buy(
    shop: () => RunningShop,
    { productId, customerId }: { readonly productId: string; readonly customerId: string },
  ): Promise<void> {
    while (this.#buying) {
      const request = { customerId, productId, quantity: 1, orderId: randomUUID(), commandId: randomUUID() };
      if (!(await this.#untilAcknowledged(() => placeOrder(shop().graphql, request)))) return;
      this.acknowledged.push(request.orderId);
      await sleep(100);
    }
  }

  /** Repeats while the answer is a fault; anything else that goes wrong is a finding. */
  async #untilAcknowledged(attempt: () => Promise<unknown>): Promise<boolean> {
    while (this.#patient) {
      try {
        await attempt();
        return true;
      } catch (error) {
        if (/"kind":"(rejection|invalid)"/.test(String(error))) throw error;
      }
      await sleep(100);
    }
    return false;
  }
}
