import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';
import { type FiguresOptions, figuresPool } from './figures-pool.ts';

/** How a projection is, in the build that is read. */
export interface ProjectionFigures {
  readonly name: string;
  readonly state: 'following' | 'paused' | 'stalled' | 'orphaned' | 'unbuilt';
  /** Of its slowest partition; `null` if there is nothing to read. */
  readonly position: number | null;
  /** Counted up to 10,000. */
  readonly parkedKeys: number;
}

/** Figures of read models for who watches them. */
export class ReadModelFigures implements AsyncDisposable {
  readonly #pool: Pool;

  /** `url` is of query_db. */
  constructor(options: FiguresOptions) {
    this.#pool = figuresPool(options);
  }

  /** Throws `DatabaseUnavailable`. */
  read(projections: readonly { readonly name: string; readonly version: number }[]): Promise<readonly ProjectionFigures[]> {
    const names = projections.map(({ name }) => name);
    const versions = projections.map(({ version }) => version);
    return rowsOf<ProjectionFigures>(this.#pool, 'work_figures/read_projections', [names, versions]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.end();
  }
}
