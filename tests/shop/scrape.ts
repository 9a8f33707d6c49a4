/** What a service exports at `/metrics`. */
export interface Scrape {
  /** Names of series, as they stand in the text. */
  readonly names: ReadonlySet<string>;
  readonly ms: number;
  /** Over the series that have these labels. */
  sum(name: string, labels: Readonly<Record<string, string>>): number;
  count(name: string, labels: Readonly<Record<string, string>>): number;
}

export async function scrape(url: string): Promise<Scrape> {
  const startedAt = performance.now();
  const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`${url}/metrics answered ${response.status}`);
  const text = await response.text();
  const series = text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = /^([a-z_]+)(\{.*\})? (\S+)$/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, labels, value: Number(value) }];
  });
  const matching = (name: string, labels: Readonly<Record<string, string>>) =>
    series.filter(
      (each) => each.name === name && Object.entries(labels).every(([label, value]) => each.labels.includes(`${label}="${value}"`)),
    );
  return {
    names: new Set(series.map(({ name }) => name)),
    ms: performance.now() - startedAt,
    sum: (name, labels) => matching(name, labels).reduce((sum, { value }) => sum + value, 0),
    count: (name, labels) => matching(name, labels).length,
  };
}
