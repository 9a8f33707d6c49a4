import { randomUUID } from 'node:crypto';
import type { GraphqlClient } from './graphql-client.ts';

/** What a shopkeeper and a customer do, over GraphQL. */
export interface Order {
  readonly id: string;
  readonly status: 'PLACED' | 'CONFIRMED' | 'CANCELLED';
  readonly reason: string | null;
  readonly total: { readonly amount: string; readonly currency: string };
  readonly lines: readonly { readonly name: string; readonly quantity: number }[];
}

const orderFields = 'id status reason total { amount currency } lines { name quantity }';

export async function createCategory(graphql: GraphqlClient, name = `Category ${randomUUID()}`): Promise<string> {
  const { createCategory: made } = await graphql.data<{ createCategory: { categoryId: string } }>(
    'mutation ($input: CreateCategoryInput!) { createCategory(input: $input) { categoryId } }',
    { input: { name } },
  );
  return made.categoryId;
}

/** Adds a product of a category of its own, with this much in stock. */
export async function stockProduct(graphql: GraphqlClient, quantity: number, price = '12.50'): Promise<string> {
  const categoryId = await createCategory(graphql);
  const { addProduct: added } = await graphql.data<{ addProduct: { productId: string } }>(
    'mutation ($input: AddProductInput!) { addProduct(input: $input) { productId } }',
    { input: { categoryId, name: 'Kettle', price: { amount: price, currency: 'EUR' } } },
  );
  if (quantity > 0) await receiveStock(graphql, added.productId, quantity);
  return added.productId;
}

export async function receiveStock(graphql: GraphqlClient, productId: string, quantity: number): Promise<void> {
  await graphql.data('mutation ($input: ReceiveStockInput!) { receiveStock(input: $input) { position } }', {
    input: { productId, quantity },
  });
}

/** Returns the position of the change, which the read models contain by then. */
export async function renameProduct(graphql: GraphqlClient, productId: string, name: string): Promise<string> {
  const { renameProduct: renamed } = await graphql.data<{ renameProduct: { position: string } }>(
    'mutation ($input: RenameProductInput!) { renameProduct(input: $input) { position product { name } } }',
    { input: { productId, name } },
  );
  return renamed.position;
}

export async function registerCustomer(graphql: GraphqlClient): Promise<string> {
  const { registerCustomer: registered } = await graphql.data<{ registerCustomer: { customerId: string } }>(
    'mutation ($input: RegisterCustomerInput!) { registerCustomer(input: $input) { customerId } }',
    { input: { name: 'Hanako Sato', email: `${randomUUID()}@example.org` } },
  );
  return registered.customerId;
}

export interface OrderRequest {
  readonly customerId: string;
  readonly productId: string;
  readonly quantity: number;
  readonly paymentToken?: string;
  readonly orderId?: string;
  readonly commandId?: string;
}

export async function placeOrder(
  graphql: GraphqlClient,
  request: OrderRequest,
): Promise<{ readonly order: Order; readonly position: string; readonly duplicate: boolean }> {
  const { productId, quantity, ...rest } = request;
  const { placeOrder: placed } = await graphql.data<{ placeOrder: { order: Order; position: string; duplicate: boolean } }>(
    `mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { position duplicate order { ${orderFields} } } }`,
    { input: { ...rest, items: [{ productId, quantity }] } },
  );
  return placed;
}

export async function cancelOrder(graphql: GraphqlClient, orderId: string, reason: string): Promise<void> {
  await graphql.data('mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) { position } }', { input: { orderId, reason } });
}

export async function order(graphql: GraphqlClient, id: string, atLeast?: string): Promise<Order | null> {
  const { order: found } = await graphql.data<{ order: Order | null }>(
    `query ($id: UUID!, $atLeast: Position) { order(id: $id, atLeast: $atLeast) { ${orderFields} } }`,
    { id, atLeast },
  );
  return found;
}

/** Follows the order by subscription until it is confirmed or cancelled; returns every state seen. */
export async function followOrder(graphql: GraphqlClient, orderId: string): Promise<readonly Order[]> {
  const seen: Order[] = [];
  const changes = graphql.subscribe<{ orderChanged: Order | null }>(
    `subscription ($orderId: UUID!) { orderChanged(orderId: $orderId) { ${orderFields} } }`,
    { orderId },
  );
  for await (const { orderChanged } of changes) {
    if (orderChanged === null) continue;
    seen.push(orderChanged);
    if (orderChanged.status !== 'PLACED') break;
  }
  return seen;
}

export async function stock(
  graphql: GraphqlClient,
  productId: string,
): Promise<{ readonly onHand: number; readonly reserved: number; readonly available: number }> {
  const { product } = await graphql.data<{ product: { stock: { onHand: number; reserved: number; available: number } } }>(
    'query ($id: UUID!) { product(id: $id) { stock { onHand reserved available } } }',
    { id: productId },
  );
  return product.stock;
}
