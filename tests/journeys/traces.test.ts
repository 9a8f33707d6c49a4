import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, test, vi } from 'vitest';
import { RunningSimulator } from '../boundaries/running-simulator.ts';
import { ownPorts, RunningShop } from '../shop/running-shop.ts';
import { placeOrder, registerCustomer, stockProduct } from '../shop/shopkeeping.ts';
import { type CollectedSpan, TraceCollector } from '../shop/trace-collector.ts';

/** Of an order that is fulfilled: what leads to what, from the gateway to the last read model. */
const expected = [
  ['client-service: POST /graphql', 'client-service: mutation'],
  ['client-service: mutation', 'client-service: POST /commands/PlaceOrder'],
  ['client-service: mutation', 'client-service: POST /queries/order'],
  ['client-service: POST /queries/order', 'query-service: POST /queries/order'],
  ['query-service: POST /queries/order', 'query-service: wait for read models'],
  ['query-service: POST /queries/order', 'query-service: query_db read'],
  ['client-service: POST /commands/PlaceOrder', 'command-service: POST /commands/PlaceOrder'],
  ['command-service: POST /commands/PlaceOrder', 'command-service: command PlaceOrder'],
  ['command-service: command PlaceOrder', 'command-service: event_store append'],
  ['command-service: command PlaceOrder', 'query-service: project order-summary'],
  ['command-service: command PlaceOrder', 'command-service: react fulfilment'],
  ['command-service: react fulfilment', 'command-service: command ReserveStock'],
  ['command-service: command ReserveStock', 'command-service: event_store append'],
  ['command-service: command ReserveStock', 'query-service: project product-list'],
  ['command-service: command ReserveStock', 'command-service: react fulfilment'],
  ['command-service: react fulfilment', 'command-service: command AuthorisePayment'],
  ['command-service: react fulfilment', 'command-service: POST /payments/authorise'],
  ['command-service: POST /payments/authorise', 'payment-simulator: POST /payments/authorise'],
  ['payment-simulator: POST /payments/authorise', 'payment-simulator: POST /webhooks/payments'],
  ['payment-simulator: POST /webhooks/payments', 'command-service: POST /webhooks/payments'],
  ['command-service: react fulfilment', 'command-service: command RecordAuthorisation'],
  ['command-service: command RecordAuthorisation', 'command-service: react fulfilment'],
  ['command-service: react fulfilment', 'command-service: POST /shipments/arrange'],
  ['command-service: POST /shipments/arrange', 'payment-simulator: POST /shipments/arrange'],
  ['command-service: command RecordArrangement', 'command-service: react fulfilment'],
  ['command-service: react fulfilment', 'command-service: POST /payments/capture'],
  ['command-service: command RecordCapture', 'command-service: react fulfilment'],
  ['command-service: react fulfilment', 'command-service: command ConfirmOrder'],
  ['command-service: command ConfirmOrder', 'query-service: project order-summary'],
  ['command-service: command ConfirmOrder', 'query-service: project sales-per-day'],
];

test('one trace shows an order from the mutation to its fulfilment, across all services, and nothing personal', async () => {
  await using collector = await TraceCollector.start();
  await using shop = await RunningShop.start({ environment: { ...(await ownPorts()), ...collector.environment } });
  const [productId, customerId] = await Promise.all([stockProduct(shop.graphql, 5), registerCustomer(shop.graphql)]);
  await fetch(`http://${shop.graphql.host}/graphql?query={categoryTree{name}}&token=s3cret`);
  const { order } = await placeOrder(shop.graphql, { customerId, productId, quantity: 2, paymentToken: 'tok-s3cret' });

  const traceId = await vi.waitUntil(() => traceOf(collector.spans, order.id), 30_000);
  const trace = () => collector.spans.filter((span) => span.traceId === traceId);
  await vi.waitFor(() => expect(edgesOf(trace())).toEqual(expect.arrayContaining(expected)), { timeout: 30_000, interval: 100 });
  await vi.waitFor(() => expect(orphansOf(trace())).toEqual([]), { timeout: 10_000, interval: 100 });
  expect(trace().filter(({ parentSpanId }) => parentSpanId === '')).toMatchObject([{ name: 'POST /graphql' }]);
  expect(await shop.interrupt()).toBe(0); // what is left is sent
  expect(collector.received).toContain('/commands/RegisterCustomer');
  expect(collector.received).not.toMatch(/s3cret|Hanako|example\.org/);
});

test('a collector that hangs keeps a service neither from answering nor from stopping in time', async () => {
  const held: Socket[] = [];
  const collector = createServer((socket) => held.push(socket)).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const { port } = collector.address() as AddressInfo; // it listens
  const environment = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_BSP_SCHEDULE_DELAY: '10',
    SHUTDOWN_TIMEOUT_MS: '12000',
  };
  await using simulator = await RunningSimulator.start(environment);
  for (let request = 0; request < 20; request++) expect((await fetch(`${simulator.url}/ledger`)).status).toBe(200);
  await vi.waitUntil(() => held.length > 0, { timeout: 15_000 });
  expect(await simulator.stop()).toBe(0);
  for (const socket of held) socket.destroy();
  collector.close();
});

/** The trace in which the order was placed. */
function traceOf(spans: readonly CollectedSpan[], orderId: string): string | undefined {
  return spans.find(({ name, attributes }) => name === 'command PlaceOrder' && attributes['kiroku.stream'] === `order-${orderId}`)?.traceId;
}

function edgesOf(spans: readonly CollectedSpan[]): readonly (readonly string[])[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const title = ({ service, name }: CollectedSpan) => `${service}: ${name}`;
  return spans.flatMap((span) => {
    const parent = byId.get(span.parentSpanId);
    return parent === undefined ? [] : [[title(parent), title(span)]];
  });
}

function orphansOf(spans: readonly CollectedSpan[]): readonly string[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  return spans.filter(({ parentSpanId }) => parentSpanId !== '' && !ids.has(parentSpanId)).map(({ name }) => name);
}
