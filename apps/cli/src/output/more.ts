import { print, printError } from './print.ts';

interface Page<T> {
  readonly entries: readonly T[];
  readonly limit: number;
  readonly json: boolean;
  readonly placeOf: (entry: T) => string;
}

/** After a full page: how the list goes on; with `--json` beside what a program reads. */
export function tellMore<T>(option: string, { entries, limit, json, placeOf }: Page<T>): void {
  const last = entries.at(-1);
  if (last === undefined || entries.length < limit) return;
  const told = `There may be more: go on with ${option} ${placeOf(last)}`;
  if (json) printError(told);
  else {
    print();
    print(told);
  }
}
