import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Metrics } from './metrics.ts';

function scraped(source: { readonly read: () => Promise<number> }, options: object = {}) {
  const metrics = new Metrics({ service: 'shop', figuresTimeoutMs: 50, ...options });
  metrics.figures({ dependency: 'event_store', gauges: ['logPosition'], ...source, tell: (position, set) => set('logPosition', position) });
  return async () => {
    const text = await metrics.text();
    const value = (name: string) => new RegExp(`^${name}\\{.*\\} (.*)$`, 'm').exec(text)?.[1];
    return { position: value('kiroku_log_position'), up: value('kiroku_dependency_up') };
  };
}

describe('figures that cost a query', () => {
  it('are asked for once by scrapes that come together, and not again within a few seconds', async () => {
    let asked = 0;
    const read = async () => {
      await sleep(5);
      return ++asked;
    };
    const scrape = scraped({ read }, { figuresMaxAgeMs: 60_000 });
    const together = await Promise.all([scrape(), scrape(), scrape()]);
    expect([...together, await scrape()]).toEqual(Array(4).fill({ position: '1', up: '1' }));
    expect(asked).toBe(1);
  });

  it('are asked for again when they are old', async () => {
    let asked = 0;
    const scrape = scraped({ read: async () => ++asked }, { figuresMaxAgeMs: 0 });
    await scrape();
    expect((await scrape()).position).toBe('2');
  });

  it('are missing, not old, once their database is gone; and it is said which', async () => {
    let isThere = true;
    const read = async () => (isThere ? 7 : Promise.reject(new Error('gone')));
    const scrape = scraped({ read }, { figuresMaxAgeMs: 0 });
    expect(await scrape()).toEqual({ position: '7', up: '1' });
    isThere = false;
    expect(await scrape()).toEqual({ position: undefined, up: '0' });
    isThere = true;
    expect(await scrape()).toEqual({ position: '7', up: '1' });
  });

  it('are good for a while, and then no more', async () => {
    let asked = 0;
    const scrape = scraped({ read: async () => ++asked }, { figuresMaxAgeMs: 100 });
    await scrape();
    await sleep(110);
    expect((await scrape()).position).toBe('2');
  });

  it('are missing, not old, while their database hangs', async () => {
    let hangs = false;
    const read = () => (hangs ? new Promise<number>(() => undefined) : Promise.resolve(7));
    const scrape = scraped({ read }, { figuresMaxAgeMs: 0 });
    await scrape();
    hangs = true;
    expect(await scrape()).toEqual({ position: undefined, up: '0' });
  });

  it('do not hold up a scrape when a database hangs, and it is not asked again beside', async () => {
    let asked = 0;
    const scrape = scraped({
      read: () => {
        asked += 1;
        return new Promise(() => undefined);
      },
    });
    // timers end in the order of their times, however late they are looked at
    for (let scrapes = 0; scrapes < 2; scrapes++)
      expect(await Promise.race([scrape(), sleep(900, 'held up', { ref: false })])).toEqual({ position: undefined, up: '0' });
    expect(asked).toBe(1);
  });
});
