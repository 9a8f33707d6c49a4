import type { catalog } from './catalog.ts';

export type Catalog = typeof catalog;
type KeysOf<Kind> = { [Key in keyof Catalog]: Catalog[Key]['kind'] extends Kind ? Key : never }[keyof Catalog];
export type CounterName = KeysOf<'counter'>;
export type GaugeName = KeysOf<'gauge'>;
export type HistogramName = KeysOf<'histogram'>;
/** The labels of a metric. */
export type LabelOf<Key extends keyof Catalog> = Catalog[Key]['labels'][number];

/** Sets one series of a gauge. */
export type SetGauge = <Name extends GaugeName>(name: Name, value: number, labels?: Readonly<Record<LabelOf<Name>, string>>) => void;
