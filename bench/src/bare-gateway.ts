// The peer of the gateway: the fields that the benchmark asks for, by the same libraries, and nothing else. Started by bare-stack.ts.
import Fastify from 'fastify';
import mercurius from 'mercurius';
import { Agent } from 'undici';

const [, , origin = ''] = process.argv;
const agent = new Agent({ connections: 128 });
const schema = `
  scalar UUID
  input ProductFilter { categoryId: UUID }
  type Money { amount: String currency: String }
  type Stock { available: Int }
  type Product { id: UUID name: String price: Money stock: Stock description: String categoryName: String discontinued: Boolean }
  type Order { id: UUID status: String itemCount: Int total: Money placedAt: String }
  type PageInfo { hasNextPage: Boolean endCursor: String }
  type Products { nodes: [Product] pageInfo: PageInfo }
  type Orders { nodes: [Order] pageInfo: PageInfo }
  type Query {
    product(id: UUID!): Product
    products(first: Int, filter: ProductFilter): Products
    ordersByCustomer(customerId: UUID!, first: Int): Orders
  }`;

const app = Fastify();
await app.register(mercurius, {
  schema,
  jit: 1,
  resolvers: {
    Query: {
      product: async (_, { id }: { id: string }) => (await ask('product', id))[0],
      products: async (_, { filter }: { filter: { categoryId: string } }) => pageOf(await ask('products', filter.categoryId)),
      ordersByCustomer: async (_, { customerId }: { customerId: string }) => pageOf(await ask('orders', customerId)),
    },
  },
});
await app.listen({ port: 0, host: '127.0.0.1' });
process.send?.(app.server.address());

async function ask(query: string, id: string): Promise<readonly object[]> {
  const headers = { 'content-type': 'application/json' };
  const { body } = await agent.request({ origin, path: `/${query}`, method: 'POST', headers, body: JSON.stringify({ id }) });
  return (await body.json()) as readonly object[]; // of bare-query.ts
}

function pageOf(nodes: readonly object[]): object {
  return { nodes, pageInfo: { hasNextPage: nodes.length === 20, endCursor: null } };
}
