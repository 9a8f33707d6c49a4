import { randomBytes } from 'node:crypto';
import { defineConfig } from '@kiroku/operations/config';
import { shop } from '@kiroku/shop';

/** Between the simulator and the command service, for as long as they run together. */
const env = { PAYMENT_WEBHOOK_SECRET: `whsec_${randomBytes(32).toString('base64')}` };

export default defineConfig({
  name: 'shop',
  application: shop,
  services: [
    {
      name: 'payment-simulator',
      entry: './apps/payment-simulator/bundle/main.js',
      port: 4020,
      portVariable: 'PAYMENT_SIMULATOR_PORT',
      env,
    },
    {
      name: 'command-service',
      entry: './apps/command-service/bundle/main.js',
      port: 4001,
      portVariable: 'COMMAND_SERVICE_PORT',
      instancesVariable: 'COMMAND_SERVICE_INSTANCE_URLS',
      env,
    },
    {
      name: 'query-service',
      entry: './apps/query-service/bundle/main.js',
      port: 4002,
      portVariable: 'QUERY_SERVICE_PORT',
      instancesVariable: 'QUERY_SERVICE_URL',
    },
    {
      name: 'client-service',
      entry: './apps/client-service/bundle/main.js',
      port: 4000,
      portVariable: 'CLIENT_SERVICE_PORT',
      instancesVariable: 'CLIENT_SERVICE_INSTANCE_URLS',
      keepsAnswers: true,
    },
  ],
  seed: async (urls) => {
    const { seed } = await import('./apps/client-service/dist/seed.js');
    await seed({ graphqlUrl: `${urls['client-service']}/graphql` });
  },
  welcome: (urls) => [
    `Shop       ${urls['client-service']}          the GraphQL API; a page to try it is at /altair`,
    `Commands   ${urls['command-service']}          JSON over HTTP, described at /openapi.json`,
    `Queries    ${urls['query-service']}          JSON over HTTP, described at /openapi.json`,
    `Payments   ${urls['payment-simulator']}          a simulator of payments and shipping; PUT /behaviour makes it fail`,
    '',
    'Try first  npx kiroku events tail -f      every event as it happens',
    '           npx kiroku status              what runs, and how it is',
    '           npx kiroku-shop traffic        shoppers, fifty requests a second for a minute',
  ],
});
