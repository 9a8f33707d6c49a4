import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { readConfig } from '../config/read-config.ts';
import { tracingSettings } from '../config/tracing-settings.ts';
import { openTracing } from './open-tracing.ts';

const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A collector that answers as it is told; the address of one that is not there, without. */
async function collector(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens
}

async function tracingTo(env: Readonly<Record<string, string>>, stopWithinMs = 10_000) {
  const watch = { onFailing: vi.fn(), onRecovered: vi.fn(), onSpans: vi.fn() };
  const quick = { OTEL_BSP_SCHEDULE_DELAY: '10', ...env };
  const opened = await openTracing({ service: 'shop', instance: 'a', config: readConfig(tracingSettings, quick), watch, stopWithinMs });
  if (opened === undefined) throw new Error('Nothing is traced.');
  const lost = () => watch.onSpans.mock.calls.reduce((sum, [outcome, count]) => sum + (outcome === 'lost' ? count : 0), 0);
  const work = () => opened.tracing.during({ name: 'work' }, async () => undefined);
  return { ...opened, watch, lost, work };
}

const patiently = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 15_000 });

describe('tracing as the environment wants it', () => {
  it.each([
    {},
    { OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' },
    { OTEL_SDK_DISABLED: 'TRUE', OTEL_TRACES_EXPORTER: 'otlp' },
  ])('is not there with %j', async (env) => {
    await expect(tracingTo(env)).rejects.toThrow('Nothing is traced.');
  });

  it.each([
    [{ OTEL_TRACES_EXPORTER: 'jaeger' }, 'OTEL_TRACES_EXPORTER'],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'OTEL_EXPORTER_OTLP_PROTOCOL'],
    [{ OTEL_TRACES_SAMPLER_ARG: '2' }, 'OTEL_TRACES_SAMPLER_ARG'],
    [{ OTEL_RESOURCE_ATTRIBUTES: 'nonsense' }, 'OTEL_RESOURCE_ATTRIBUTES'],
  ])('is refused if it cannot be: %j', (env, variable) => {
    expect(() => readConfig(tracingSettings, env)).toThrow(variable);
  });

  it.each([
    ['http/protobuf', 'application/x-protobuf'],
    ['http/json', 'application/json'],
  ])('sends spans as %s, with what is said of the process', async (protocol, contentType) => {
    const received: { readonly url?: string | undefined; readonly type?: string | undefined; readonly text: string }[] = [];
    const url = await collector((request, response) => {
      let text = '';
      request.on('data', (chunk) => {
        text += String(chunk);
      });
      request.on('end', () => {
        received.push({ url: request.url, type: request.headers['content-type'], text });
        response.end();
      });
    });
    const resource = { OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test%20bed', OTEL_SERVICE_NAME: 'shopping' };
    const { work, stop, watch } = await tracingTo({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: protocol, ...resource });
    await work();
    await stop();
    expect(received).toMatchObject([{ url: '/v1/traces', type: contentType }]);
    expect(received[0]?.text).toMatch(/shopping/);
    expect(received[0]?.text).toMatch(/test bed/);
    expect(watch.onSpans.mock.calls).toEqual([
      ['recorded', 1],
      ['sent', 1],
    ]);
  });

  it.each([
    ['always_off', 0],
    ['traceidratio', 0],
    ['parentbased_always_on', 2],
  ])('records as the sampler %s has it', async (sampler, expected) => {
    const env = { OTEL_TRACES_EXPORTER: 'otlp', OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: '0' };
    const { work, watch } = await tracingTo(env);
    await work();
    await work();
    expect(watch.onSpans.mock.calls.filter(([outcome]) => outcome === 'recorded')).toHaveLength(expected);
  });
});

describe('a collector', () => {
  const broken = {
    'that hangs': () => collector(() => undefined),
    'that refuses connections': async () => 'http://127.0.0.1:1',
    'that answers 500': () => collector((_request, response) => response.writeHead(500).end()),
  };
  it.each(Object.entries(broken))('%s holds up nobody, and that spans are lost is told once', async (_title, start) => {
    const { work, lost, watch } = await tracingTo({ OTEL_EXPORTER_OTLP_ENDPOINT: await start(), OTEL_EXPORTER_OTLP_TIMEOUT: '100' });
    await work();
    await patiently(() => lost() === 1);
    await work();
    await patiently(() => lost() === 2);
    expect(watch.onFailing).toHaveBeenCalledTimes(1);
  });

  it('that hangs does not hold up a stop either', async () => {
    const slow = { OTEL_EXPORTER_OTLP_ENDPOINT: await collector(() => undefined), OTEL_EXPORTER_OTLP_TIMEOUT: '60000' };
    const { work, stop } = await tracingTo(slow, 200);
    await work();
    await expect(stop()).rejects.toThrow('could not be sent within 200 ms');
  });

  it('that hangs is kept no more spans for than fit', async () => {
    const held: string[] = [];
    const url = await collector((request, response) => {
      request.resume();
      held.push('batch');
      if (held.length > 1) response.end();
    });
    const limits = { OTEL_BSP_MAX_QUEUE_SIZE: '20', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10', OTEL_EXPORTER_OTLP_TIMEOUT: '60000' };
    const { work, watch, stop } = await tracingTo({ OTEL_EXPORTER_OTLP_ENDPOINT: url, ...limits }, 1_000);
    for (let span = 0; span < 1_000; span++) await work();
    await patiently(() => held.length > 0);
    await expect(stop()).rejects.toThrow('could not be sent');
    const sent = watch.onSpans.mock.calls.reduce((sum, [outcome, count]) => sum + (outcome === 'sent' ? count : 0), 0);
    expect(sent).toBeLessThanOrEqual(20); // besides those that hang
  });

  it('that is back is told of too', async () => {
    let isBack = false;
    const url = await collector((_request, response) => response.writeHead(isBack ? 200 : 500).end());
    const { work, lost, watch } = await tracingTo({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
    await work();
    await patiently(() => lost() === 1);
    isBack = true;
    await work();
    await patiently(() => watch.onRecovered.mock.calls.length === 1);
  });
});
