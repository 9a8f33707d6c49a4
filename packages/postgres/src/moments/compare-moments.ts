import { KirokuError, type Projection } from '@kiroku/core';
import type pg from 'pg';
import type { Pool } from '../pool.ts';
import { projectionSchema } from '../read-models/table-sql.ts';
import { statement } from '../statement.ts';
import { inTransaction } from '../transaction.ts';
import { compareTables, type RowDifference } from './compare-tables.ts';
import type { Moment } from './moment.ts';

/** What is compared: a moment, or what queries read now. */
export type ComparedSide = Moment | 'live';

export interface MomentComparison {
  readonly before: ComparedSide;
  readonly after: ComparedSide;
  readonly projections: readonly Projection[];
  /** Gets the differences in pages; waited for. */
  readonly onDifferences: (differences: readonly RowDifference[]) => Promise<void> | void;
  readonly signal?: AbortSignal;
}

/** Compares the rows of two sides, all in one snapshot. Throws `MomentNotBuilt` for a projection that a side has not. */
export async function compareMoments(pool: Pool, comparison: MomentComparison): Promise<void> {
  const { before, after, projections, onDifferences, signal } = comparison;
  await inTransaction(pool, 'begin isolation level repeatable read, read only', async (client) => {
    for (const projection of projections) {
      const schemas = { before: await schemaOn(client, before, projection), after: await schemaOn(client, after, projection) };
      for (const table of Object.keys(projection.tables)) {
        for await (const differences of compareTables(client, { projection, table, ...schemas })) {
          await onDifferences(differences);
          signal?.throwIfAborted();
        }
      }
    }
  });
}

async function schemaOn(client: pg.ClientBase, side: ComparedSide, { name, version }: Projection): Promise<string> {
  if (side === 'live') {
    const { rows } = await client.query<{ build: number }>({ ...statement('moments/read_active_build'), values: [name, version] });
    if (rows[0] !== undefined) return projectionSchema({ name, version }, rows[0].build);
    throw new KirokuError(
      'MomentNotBuilt',
      `${name} version ${version} has no live read model. \`kiroku projection list\` shows what there is.`,
    );
  }
  const found = side.projections.find((one) => one.projection === name && one.version === version && one.builtAt !== undefined);
  if (found !== undefined) return found.schema;
  throw new KirokuError(
    'MomentNotBuilt',
    `The moment "${side.name}" has no ${name} version ${version}. \`kiroku replay --until ${side.position} --into ${side.name} ${name}\` builds it.`,
  );
}
