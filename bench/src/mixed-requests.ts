import { happens, type Random, zipf } from '@kiroku/shop-traffic';
import type { Stocked } from './mixed-shop.ts';

/** The body of a GraphQL request. */
export interface Operation {
  readonly query: string;
  readonly variables: object;
}

export type Draw = (random: Random) => Operation;

const productCard = 'id name price { amount currency } stock { available }';
const orderCard = 'id status itemCount total { amount currency } placedAt';
const documents = {
  product: `query ($id: UUID!) { product(id: $id) { ${productCard} description categoryName discontinued } }`,
  products: `query ($filter: ProductFilter) { products(first: 20, filter: $filter) { nodes { ${productCard} } pageInfo { hasNextPage endCursor } } }`,
  orders: `query ($customerId: UUID!) { ordersByCustomer(customerId: $customerId, first: 20) { nodes { ${orderCard} } pageInfo { hasNextPage endCursor } } }`,
  changePrice: 'mutation ($input: ChangeProductPriceInput!) { changeProductPrice(input: $input) { position } }',
  receiveStock: 'mutation ($input: ReceiveStockInput!) { receiveStock(input: $input) { position } }',
  register: 'mutation ($input: RegisterCustomerInput!) { registerCustomer(input: $input) { position } }',
};

/** Commands of one event each; what an order sets going is measured by `order-flow`. */
export function commands({ products }: Stocked): Draw {
  const rank = zipf(products.length);
  return (random) => {
    const productId = products[rank(random)];
    const kind = random();
    if (kind < 0.4) {
      const price = { amount: (1 + Math.floor(random() * 100_000) / 100).toFixed(2), currency: 'EUR' };
      return { query: documents.changePrice, variables: { input: { productId, price } } };
    }
    if (kind < 0.8) return { query: documents.receiveStock, variables: { input: { productId, quantity: 1 + Math.floor(random() * 10) } } };
    const customerId = crypto.randomUUID();
    return { query: documents.register, variables: { input: { customerId, name: 'Hanako Sato', email: `${customerId}@example.org` } } };
  };
}

/** Half of the reads are of one product, 3 of 10 are lists of 20 of a category, 2 of 10 the orders of a customer. */
export function reads({ products, categories, customers }: Stocked): Draw {
  const ranks = { product: zipf(products.length), category: zipf(categories.length), customer: zipf(customers.length) };
  return (random) => {
    const kind = random();
    if (kind < 0.5) return { query: documents.product, variables: { id: products[ranks.product(random)] } };
    if (kind < 0.8) return { query: documents.products, variables: { filter: { categoryId: categories[ranks.category(random)] } } };
    return { query: documents.orders, variables: { customerId: customers[ranks.customer(random)] } };
  };
}

/** One command among ten. */
export function mixed(stocked: Stocked): Draw {
  const [read, command] = [reads(stocked), commands(stocked)];
  return (random) => (happens(random, 0.1) ? command(random) : read(random));
}
