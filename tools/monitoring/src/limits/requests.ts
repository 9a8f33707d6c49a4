import { counted, growing, type Input, type Limit } from './limit.ts';

const requests = (service: string, status: string, route = '/orders') =>
  `kiroku_http_requests_total{service="${service}",route="${route}",method="POST",status="${status}"}`;
const graphql = 'kiroku_graphql_failed_operations_total{service="client-service",kind="fault"}';
const commands = (outcome: string) => `kiroku_commands_total{service="command-service",command="PlaceOrder",outcome="${outcome}"}`;
const sagas = (outcome: string) => `kiroku_sagas_ended_total{service="command-service",process_manager="fulfilment",outcome="${outcome}"}`;

/** So many faults and so many requests in all, from look to look. */
const http = (faults: number, all: number): Input => ({
  [requests('query-service', '5xx')]: growing(faults),
  [requests('query-service', '2xx')]: growing(all - faults),
});
const operations = (faults: number, all: number): Input => ({
  [graphql]: growing(faults),
  [requests('client-service', '2xx', '/graphql')]: growing(all),
});
/** Rejections are many, and no faults. */
const handled = (faults: number, all: number): Input => ({
  [commands('fault')]: growing(faults),
  [commands('accepted')]: growing(all / 2 - faults),
  [commands('rejected')]: growing(all / 2),
});
const ended = (failed: number, all: number): Input => ({
  [sagas('failed')]: growing(failed),
  [sagas('completed')]: growing(all / 2 - failed),
  [sagas('compensated')]: growing(all / 2),
});

/** Requests, of which a share takes no longer than some seconds; the others take up to 10. */
const timed = (seconds: number, share: number, all = 100): Input => {
  const name = (suffix: string, more = '') =>
    `kiroku_http_request_duration_seconds_${suffix}{service="query-service",route="/orders",method="GET"${more}}`;
  return {
    [name('bucket', `,le="${seconds}"`)]: growing(all * share),
    [name('bucket', ',le="10"')]: growing(all),
    [name('bucket', ',le="+Inf"')]: growing(all),
    [name('count')]: growing(all),
  };
};

const query = { service: 'query-service' };
const gateway = { service: 'client-service' };
const command = { service: 'command-service' };
const fulfilment = { process_manager: 'fulfilment' };
/** A few faults in a quiet night. */
const night: Input = { [requests('query-service', '5xx')]: counted(4), [requests('query-service', '2xx')]: counted(1) };
const nightOfOperations: Input = { [graphql]: counted(4), [requests('client-service', '2xx', '/graphql')]: counted(5) };
const nightOfCommands: Input = { [commands('fault')]: counted(4), [commands('accepted')]: counted(1) };

export const requestLimits: readonly Limit[] = [
  { alert: 'KirokuRequestsFail', beyond: http(5.1, 100), firesAt: 75, labels: query, within: [http(4.9, 100), night] },
  { alert: 'KirokuRequestFaults', beyond: http(1.1, 1_000), firesAt: 195, labels: query, within: [http(0.9, 1_000), night] },
  {
    alert: 'KirokuGraphqlFails',
    beyond: operations(5.1, 100),
    firesAt: 75,
    labels: gateway,
    within: [operations(4.9, 100), nightOfOperations],
  },
  {
    alert: 'KirokuGraphqlFaults',
    beyond: operations(1.1, 1_000),
    firesAt: 195,
    labels: gateway,
    within: [operations(0.9, 1_000), nightOfOperations],
  },
  { alert: 'KirokuVerySlow', beyond: timed(1, 0.949), firesAt: 315, labels: query, within: [timed(1, 0.951), timed(1, 0.9, 0.9)] },
  { alert: 'KirokuSlow', beyond: timed(0.2, 0.949), firesAt: 315, labels: query, within: [timed(0.2, 0.951), timed(0.2, 0.9, 0.9)] },
  { alert: 'KirokuCommandsFail', beyond: handled(5.1, 100), firesAt: 75, labels: command, within: [handled(4.9, 100), nightOfCommands] },
  {
    alert: 'KirokuCommandFaults',
    beyond: handled(1.1, 1_000),
    firesAt: 195,
    labels: command,
    within: [handled(0.9, 1_000), nightOfCommands],
  },
  {
    alert: 'KirokuSagasFail',
    beyond: ended(1.1, 100),
    firesAt: 45,
    labels: fulfilment,
    within: [ended(0.9, 100), { [sagas('failed')]: counted(2), [sagas('completed')]: counted(1) }],
  },
  {
    alert: 'KirokuSagaFailed',
    beyond: { [sagas('failed')]: counted(1) },
    firesAt: 15,
    labels: fulfilment,
    within: [{ [sagas('failed')]: counted(0), [sagas('compensated')]: counted(9) }],
  },
];
