/** A series by its name as it stands in PromQL, and its value; `undefined`: it is not exported. */
export type Exported = Readonly<Record<string, number | undefined>>;

/** What a service exports, in the text format of Prometheus. */
export function exposition(exported: Exported): string {
  return Object.entries(exported)
    .flatMap(([series, value]) => (value === undefined ? [] : [`${series} ${numberText(value)}\n`]))
    .join('');
}

/** Values of a series look after look, as promtool writes them: what is not exported any more is gone at once. */
export function notation(values: readonly (number | undefined)[]): string {
  return values
    .map((value, index) => {
      if (value !== undefined) return numberText(value);
      return index > 0 && values[index - 1] !== undefined ? 'stale' : '_';
    })
    .join(' ');
}

function numberText(value: number): string {
  return Number.isFinite(value) || Number.isNaN(value) ? String(value) : value > 0 ? '+Inf' : '-Inf';
}
