import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { AlertWatch } from './alert-watch.ts';
import { sampleAlerts } from './sample-alerts.ts';

const nowhere = [{ service: 'command-service', url: 'http://127.0.0.1:1' }];
afterEach(() => void vi.useRealTimers());

async function exporting(text: () => string): Promise<{ readonly url: string; readonly asked: () => number } & AsyncDisposable> {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    response.end(text());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async () => {
    server.close();
    server.closeAllConnections();
  };
  return { url, asked: () => asked, [Symbol.asyncDispose]: close };
}

test('whoever asks sees the same, and is the cause of no further look', async () => {
  await using service = await exporting(() => 'kiroku_ready{service="a"} 0\n');
  await using watch = new AlertWatch({ services: [{ service: 'a', url: service.url }], everySeconds: 60 });
  watch.start();
  const [first, second] = await Promise.all([watch.report(), watch.report()]);
  expect(first.alerts).toMatchObject([{ name: 'KirokuNotReady', state: 'pending' }]);
  expect(second.alerts[0]?.name).toBe(first.alerts[0]?.name);
  expect(service.asked()).toBe(1);
});

test('since when something is wrong is told the same each time', async () => {
  await using watch = new AlertWatch({ services: nowhere, everySeconds: 0.02 });
  watch.start();
  const told = new Set<string | undefined>();
  for (let asked = 0; asked < 20; asked++) {
    told.add((await watch.report()).alerts[0]?.since);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect([...told]).toEqual([expect.stringMatching(/^\d{4}-.*Z$/)]);
});

test('looks follow each other, and stop with the watch', async () => {
  await using service = await exporting(() => '');
  const watch = new AlertWatch({ services: [{ service: 'a', url: service.url }], everySeconds: 0.02, timeoutMs: 5_000 });
  watch.start();
  await expect.poll(service.asked).toBeGreaterThan(3);
  await watch.stop();
  const asked = service.asked();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(service.asked()).toBeLessThanOrEqual(asked + 1); // the request under way when the watch stopped may still arrive
});

test('whoever asks a watch that is stopped before it has seen anything is answered', async () => {
  const watch = new AlertWatch({ services: nowhere });
  const report = watch.report();
  await watch.stop();
  expect((await report).services).toEqual([]);
});

test('a clock on the wall that jumps changes no state', async () => {
  await using watch = new AlertWatch({ services: nowhere, everySeconds: 0.05 });
  watch.start();
  await watch.report();
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 86_400_000 });
  for (let look = 0; look < 3; look++) await new Promise((resolve) => setTimeout(resolve, 60));
  expect((await watch.report()).alerts).toMatchObject([{ name: 'KirokuServiceDown', state: 'pending' }]);
});

test('without anybody who has watched, what holds from one look to the next fires', async () => {
  const { alerts, services } = await sampleAlerts(nowhere, { everySeconds: 0.05 });
  expect(alerts).toMatchObject([{ name: 'KirokuServiceDown', state: 'firing', labels: { instance: '127.0.0.1:1' } }]);
  expect(services).toMatchObject([{ service: 'command-service', up: false }]);
});

test('without anybody who has watched, what is wrong from the second look on fires, too', async () => {
  let ready = 1;
  await using service = await exporting(() => `kiroku_ready{service="a"} ${Math.max(ready--, 0)}\n`);
  const { alerts } = await sampleAlerts([{ service: 'a', url: service.url }], { everySeconds: 0.05 });
  expect(alerts).toMatchObject([{ name: 'KirokuNotReady', state: 'firing' }]);
});
