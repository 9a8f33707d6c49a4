import { expect, it } from 'vitest';
import { Health } from '../health/health.ts';
import { tellOfHealth } from './health-metrics.ts';
import { Metrics } from './metrics.ts';

function scraped() {
  const health = new Health({ service: 'shop', instance: 'a', cacheMs: 0, checkTimeoutMs: 60_000 });
  const metrics = new Metrics({ service: 'shop' });
  tellOfHealth(metrics, health);
  const lines = async () => (await metrics.text()).split('\n').filter((line) => /^kiroku_(ready|health)/.test(line));
  return { health, lines };
}

it('a scrape tells whether the process is ready, and which of its parts are up', async () => {
  const { health, lines } = scraped();
  health.register('log', () => Promise.reject(new Error('ENOSPC')), { required: false });
  health.register('jobs', () => undefined);
  expect((await lines())[0]).toBe('kiroku_ready{service="shop"} 0');
  health.ready();
  expect(await lines()).toEqual([
    'kiroku_ready{service="shop"} 1',
    'kiroku_health_part_up{part="log",service="shop"} 0',
    'kiroku_health_part_up{part="jobs",service="shop"} 1',
  ]);
});

it('a part that hangs does not hold up a scrape', async () => {
  const { health, lines } = scraped();
  health.register('jobs', () => new Promise(() => undefined));
  health.ready();
  expect(await lines()).toEqual(['kiroku_ready{service="shop"} 1']);
});
