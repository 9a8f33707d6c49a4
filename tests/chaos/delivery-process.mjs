// A process that delivers to outside consumers, to be killed or frozen. It says in every message which one it is.

import { WebhookDelivery } from '@kiroku/engine';
import { createPool, PostgresConsumerStore, PostgresEventStore } from '@kiroku/postgres';
import { FileKeyStore } from '@kiroku/service/keys';

const { DELIVERY_URLS, DELIVERY_KEYS, DELIVERY_NAME, DELIVERY_LEASE_MS } = process.env;
const urls = JSON.parse(DELIVERY_URLS);
process.on('disconnect', () => process.exit());

new WebhookDelivery({
  eventStore: new PostgresEventStore({ url: urls.event_store }),
  store: new PostgresConsumerStore({
    pool: createPool({ url: urls.command_db, applicationName: DELIVERY_NAME, max: 4, standStillMs: 1_000 }),
  }),
  keys: new FileKeyStore({ directory: DELIVERY_KEYS }),
  instance: DELIVERY_NAME,
  leaseMs: Number(DELIVERY_LEASE_MS),
  retry: { baseMs: 20, capMs: 100 },
  pollMs: 50,
  through: (connections) =>
    connections.compose(
      (dispatch) => (options, handler) =>
        dispatch({ ...options, headers: { ...Object(options.headers), 'x-from': DELIVERY_NAME } }, handler),
    ),
}).start();
