import { AlertEvaluation, type AlertReport } from '@kiroku/operations';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { exportedSeries } from '../monitoring/exported-series.ts';
import { namedSeries } from '../monitoring/named-series.ts';
import { watchAlerts } from '../monitoring/watch-alerts.ts';
import { kiroku, ownPorts, RunningShop } from '../shop/running-shop.ts';
import { followOrder, placeOrder, registerCustomer, stockProduct } from '../shop/shopkeeping.ts';

const waiting = { timeout: 60_000, interval: 200 };
let shop: RunningShop;

beforeAll(async () => {
  shop = await RunningShop.start({ environment: { ...(await ownPorts()), ALERT_INTERVAL_SECONDS: '4' } });
});
afterAll(() => shop?.[Symbol.asyncDispose]());

const url = (service: string) => `http://127.0.0.1:${shop.environment[`${service}_SERVICE_PORT`]}`;

async function alerts(...args: readonly string[]): Promise<AlertReport & { readonly code: number | null }> {
  const { code, stdout } = await kiroku(shop, 'alerts', '--json', ...args);
  return { code, ...(JSON.parse(stdout) as AlertReport) };
}

/** As the gateway answers, without a command line. */
async function asked(): Promise<AlertReport> {
  return (await (await fetch(`${url('CLIENT')}/operations/alerts`)).json()) as AlertReport;
}

/** Of the query service: others may be late, too, on a busy machine. */
const downIn = ({ alerts: found }: AlertReport) =>
  found.find(({ name, labels }) => name === 'KirokuServiceDown' && labels.instance === new URL(url('QUERY')).host);

test('every series that rules and dashboards name is exported by the running shop, with the labels that they use', async () => {
  const [productId, customerId] = await Promise.all([stockProduct(shop.graphql, 5), registerCustomer(shop.graphql)]);
  expect((await kiroku(shop, 'consumer', 'add', 'billing', 'http://127.0.0.1:9/')).code).toBe(0);
  for (const quantity of [1, 50])
    await followOrder(shop.graphql, (await placeOrder(shop.graphql, { customerId, productId, quantity })).order.id);

  const { selectors, recorded } = await namedSeries();
  expect(selectors.length).toBeGreaterThan(100);
  await vi.waitFor(async () => {
    const exported = await exportedSeries([url('CLIENT'), url('COMMAND'), url('QUERY')]);
    const lacking = selectors
      .filter(({ metric }) => !recorded.has(metric) && metric !== 'ALERTS')
      .flatMap((selector) => exported.lacks(selector).map((what) => `${selector.where}: ${what}`));
    expect(lacking).toEqual([]);
  }, waiting);
});

test('what the services export is what alerts are worked out of, and nothing critical is found in a shop that is well', async () => {
  const evaluation = new AlertEvaluation({ longestHold: 0 });
  for (let look = 0; look < 2; look++) {
    const answers = ['CLIENT', 'COMMAND', 'QUERY'].map(async (service) => ({
      service,
      url: url(service),
      answer: { text: await (await fetch(`${url(service)}/metrics`)).text() },
    }));
    evaluation.observe({ at: look, time: '' }, await Promise.all(answers));
  }
  const { services, alerts: found } = evaluation.report();
  expect(services.filter(({ up }) => !up)).toEqual([]);
  expect(found.filter(({ severity, name }) => severity === 'critical' && name !== 'KirokuDiskFull')).toEqual([]);
});

test('a service that hangs is an alert, the same wherever one asks, and gone when it goes on', async () => {
  const { services } = await shop.processIds();
  using watching = watchAlerts(shop);
  process.kill(services['query-service'] ?? 0, 'SIGSTOP');
  try {
    await vi.waitFor(async () => expect(downIn(await asked())).toBeDefined(), waiting);
    const seen = await Promise.all([alerts('--state', 'pending'), alerts('--remote', url('CLIENT'))]);
    for (const report of seen) {
      expect(downIn(report)).toMatchObject({ state: 'pending', severity: 'critical' });
      expect(report.services.find(({ service }) => service === 'query-service')).toMatchObject({
        up: false,
        reason: 'no answer within 4 s',
      });
    }
    await watching.until(/pending +critical +KirokuServiceDown .*\(query-service:/);
  } finally {
    process.kill(services['query-service'] ?? 0, 'SIGCONT');
  }
  await vi.waitFor(async () => expect(downIn(await asked())).toBeUndefined(), waiting);
  const { said, code } = await watching.interrupt();
  expect(said.match(/pending +critical +KirokuServiceDown .*\(query-service:/g)).toHaveLength(1); // once, not each time it looks
  expect(code).not.toBeNull(); // it has ended by itself
});

test('with nobody there, that is what is wrong', async () => {
  const elsewhere = await alerts('--remote', 'http://127.0.0.1:9');
  expect([elsewhere.code, elsewhere.alerts]).toMatchObject([1, [{ name: 'KirokuServiceDown', state: 'firing' }]]);
  await shop.interrupt();
  const { code, stdout } = await kiroku(shop, 'alerts');
  expect([code, stdout]).toEqual([
    1,
    expect.stringMatching(/firing +critical +KirokuServiceDown .* does not answer\. \(client-service: nothing answers/),
  ]);
  expect(stdout).toContain('No gateway answers');
});
