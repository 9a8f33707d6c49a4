// The peer of query-service: the same tables and libraries, a prepared statement, and nothing else. Started by bare-stack.ts.
import Fastify from 'fastify';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.argv[2], max: 10 });
const [products, orders] = [await schemaOf('product_list'), await schemaOf('order_summary')];
const product = `
  p.id, p.name, p.description, p.price::text, p.currency, p.discontinued, c.name as category_name, s.available::int
  from ${products}.product as p left join ${products}.category as c on c.id = p.category_id left join ${products}.stock as s on s.product_id = p.id`;
const queries: Readonly<Record<string, pg.QueryConfig & { readonly toNode: (row: pg.QueryResultRow) => object }>> = {
  product: { name: 'product', text: `select ${product} where p.id = $1`, toNode: toProduct },
  products: {
    name: 'products',
    text: `select ${product} where p.category_id = $1 and not p.discontinued order by p.name, p.id limit 21`,
    toNode: toProduct,
  },
  orders: {
    name: 'orders',
    text: `select id, status, item_count::int, total::text, currency, placed_at from ${orders}.customer_order
      where customer_id = $1 order by placed_at desc, id desc limit 21`,
    toNode: ({ id, status, item_count, total, currency, placed_at }) => ({
      id,
      status,
      itemCount: item_count,
      total: { amount: total, currency },
      placedAt: placed_at,
    }),
  },
};

const app = Fastify();
for (const [name, { toNode, ...query }] of Object.entries(queries)) {
  app.post<{ Body: { readonly id: string } }>(`/${name}`, async ({ body }) => {
    const { rows } = await pool.query({ ...query, values: [body.id] });
    return rows.slice(0, 20).map(toNode);
  });
}
await app.listen({ port: 0, host: '127.0.0.1' });
process.send?.(app.server.address());

/** Of the build that the shop reads; a new shop has one of each. */
async function schemaOf(projection: string): Promise<string> {
  const { rows } = await pool.query('select nspname from pg_namespace where starts_with(nspname, $1) order by nspname desc limit 1', [
    projection,
  ]);
  return rows[0].nspname;
}

function toProduct({ id, name, description, price, currency, discontinued, category_name, available }: pg.QueryResultRow): object {
  return { id, name, description, price: { amount: price, currency }, discontinued, categoryName: category_name, stock: { available } };
}
