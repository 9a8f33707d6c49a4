import type { ProjectionFigures, ReadModelFigures } from '@kiroku/core';
import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';

export class PostgresReadModelFigures implements ReadModelFigures {
  readonly #pool: Pool;

  /** `pool` is of query_db. */
  constructor(pool: Pool) {
    this.#pool = pool;
  }

  read(projections: readonly { readonly name: string; readonly version: number }[]): Promise<readonly ProjectionFigures[]> {
    const names = projections.map(({ name }) => name);
    const versions = projections.map(({ version }) => version);
    return rowsOf<ProjectionFigures>(this.#pool, 'figures/read_projections', [names, versions]);
  }
}
