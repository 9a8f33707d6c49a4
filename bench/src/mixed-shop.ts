import { Gateway } from './gateway.ts';

const sizes = { categories: 100, products: 10_000, customers: 1_000, orders: 2_000 };
const together = 10;
const senders = 16;

/** What the shop sells, and to whom. */
export interface Stocked {
  readonly categories: readonly string[];
  readonly products: readonly string[];
  readonly customers: readonly string[];
}

/** Fills the shop over GraphQL: products evenly in categories, orders evenly among customers. Takes about two minutes. */
export async function stockShop(url: string): Promise<Stocked> {
  await using gateway = new Gateway({ url });
  const sent = new Sending(gateway);
  const run = crypto.randomUUID();
  const [categories, products, customers] = [ids(sizes.categories), ids(sizes.products), ids(sizes.customers)];
  await sent.all(
    'createCategory',
    'CreateCategoryInput',
    categories.map((categoryId, n) => ({ categoryId, name: `Benchmark ${run} ${n}` })),
  );
  const price = { amount: '12.50', currency: 'EUR' };
  const product = (productId: string, n: number) => ({ productId, categoryId: at(categories, n), name: `Tea ${n}`, price });
  await sent.all('addProduct', 'AddProductInput', products.map(product));
  await sent.all(
    'receiveStock',
    'ReceiveStockInput',
    products.map((productId) => ({ productId, quantity: 1_000 })),
  );
  const customer = (customerId: string) => ({ customerId, name: 'Hanako Sato', email: `${customerId}@example.org` });
  await sent.all('registerCustomer', 'RegisterCustomerInput', customers.map(customer));
  const order = (orderId: string, n: number) => ({
    orderId,
    customerId: at(customers, n),
    items: [{ productId: at(products, n * 7), quantity: 1 }],
    paymentToken: 'card-on-file',
  });
  await sent.all('placeOrder', 'PlaceOrderInput', ids(sizes.orders).map(order));
  return { categories, products, customers };
}

/** Sends many inputs of one mutation, some in one request, some requests at a time. */
class Sending {
  readonly #gateway: Gateway;

  constructor(gateway: Gateway) {
    this.#gateway = gateway;
  }

  async all(field: string, type: string, inputs: readonly object[]): Promise<void> {
    const left = Array.from({ length: Math.ceil(inputs.length / together) }, (_, n) => inputs.slice(n * together, (n + 1) * together));
    const send = async () => {
      for (let some = left.pop(); some !== undefined; some = left.pop()) {
        const declared = some.map((_, n) => `$i${n}: ${type}!`).join(', ');
        const fields = some.map((_, n) => `f${n}: ${field}(input: $i${n}) { position }`).join(' ');
        await this.#gateway.mutate(`mutation (${declared}) { ${fields} }`, Object.fromEntries(some.map((input, n) => [`i${n}`, input])));
      }
    };
    await Promise.all(Array.from({ length: senders }, send));
  }
}

function ids(count: number): readonly string[] {
  return Array.from({ length: count }, () => crypto.randomUUID());
}

function at(list: readonly string[], n: number): string {
  return list[n % list.length] ?? '';
}
