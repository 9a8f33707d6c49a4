import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { catalog } from './catalog.ts';
import { type FigureSource, Figures, type FiguresOptions } from './figures.ts';
import type { MetricDefinition } from './metric-definition.ts';
import type { Catalog, CounterName, GaugeName, HistogramName, LabelOf, SetGauge } from './metric-names.ts';

/** Milliseconds between two looks at the event loop. Each wakes the process up: prom-client's ten alone were a hundred times a second, in each process. */
export const eventLoopPrecisionMs = 50;

/**
 * What one process tells about itself at `/metrics`. A metric is exported once something asked for it; what a scrape has to look up first is
 * registered with `atScrape` (cheap and at once) or `figures` (from a database).
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #instruments = new Map<string, unknown>();
  readonly #atScrape: ((set: SetGauge) => Promise<void> | void)[] = [];
  readonly #figures: Figures;

  /** `service` becomes a label of every series. */
  constructor({ service, ...options }: { readonly service: string } & FiguresOptions) {
    this.#registry.setDefaultLabels({ service });
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: eventLoopPrecisionMs });
    this.#figures = new Figures(options);
  }

  /** The content type of `text()`. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  counter<Name extends CounterName>(name: Name): Counter<LabelOf<Name>> {
    return this.#instrument(name, (of) => new Counter<LabelOf<Name>>(of));
  }

  histogram<Name extends HistogramName>(name: Name): Histogram<LabelOf<Name>> {
    return this.#instrument(name, ({ buckets, ...of }) => new Histogram<LabelOf<Name>>({ ...of, ...(buckets && { buckets }) }));
  }

  /** Is called for each scrape. What it throws is left out, and fails no scrape. */
  atScrape(collect: (set: SetGauge) => Promise<void> | void): void {
    this.#atScrape.push(collect);
  }

  /** Figures that cost a query: see `Figures`. */
  figures<T>(source: FigureSource<T>): void {
    this.#figures.add(source);
  }

  /** All series in the text format of Prometheus. Answers in time, whatever is gone. */
  async text(): Promise<string> {
    const set: SetGauge = (name, value, labels) => this.#gauge(name).set(labels ?? {}, value);
    const forget = (name: GaugeName): void => {
      const gauge = this.#gauge(name);
      // reset would leave a gauge without labels at 0, which says something
      if (catalog[name].labels.length === 0) gauge.remove();
      else gauge.reset();
    };
    await Promise.all([this.#figures.collect(set, forget), ...this.#atScrape.map((each) => settled(each, set))]);
    return this.#registry.metrics();
  }

  #gauge(name: GaugeName): Gauge {
    return this.#instrument(name, (of) => new Gauge(of));
  }

  #instrument<T>(
    key: keyof Catalog,
    make: (options: { name: string; help: string; labelNames: never[]; registers: Registry[]; buckets?: number[] }) => T,
  ): T {
    const known = this.#instruments.get(key);
    if (known !== undefined) return known as T; // made below under this key, by the only method that makes this kind
    const { name, help, labels, buckets }: MetricDefinition = catalog[key];
    const labelNames = [...labels] as never[]; // prom-client's type wants the union that `LabelOf` gives its callers
    const made = make({ name, help, labelNames, registers: [this.#registry], ...(buckets && { buckets: [...buckets] }) });
    this.#instruments.set(key, made);
    return made;
  }
}

async function settled(collect: (set: SetGauge) => Promise<void> | void, set: SetGauge): Promise<void> {
  try {
    await collect(set);
  } catch {
    // a figure that cannot be had is missing from the answer
  }
}
