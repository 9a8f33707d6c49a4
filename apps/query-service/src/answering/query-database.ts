import { createHash } from 'node:crypto';
import { type Pool, toKirokuError } from '@kiroku/postgres';
import type { CompiledQuery, RawBuilder } from 'kysely';
import { valuesFor } from './read-statement.ts';
import { written } from './read-tables.ts';

const most = 500; // texts a query may have are few (filters and sorts); should they be many, the rest is planned each time

/** A statement as it is sent. */
export interface SentStatement {
  readonly text: string;
  /** What its values are, or come from (`valuesFor`). */
  readonly parameters: readonly unknown[];
  /** Connections know a statement by it once they have planned it. */
  readonly name?: string;
}

/** Runs statements that were written with Kysely. */
export class QueryDatabase {
  readonly #pool: Pool;
  readonly #names = new Set<string>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** The rows of a statement, all of them of one moment. */
  async rows<Row>({ text, parameters, name }: SentStatement, params: unknown): Promise<readonly Row[]> {
    try {
      const { rows } = await this.#pool.query({ text, values: valuesFor(parameters, params), ...(name !== undefined && { name }) });
      return rows;
    } catch (error) {
      throw toKirokuError(error);
    }
  }

  /** One that is to be sent many times: planning is most of the work of a read by key. */
  planned(query: RawBuilder<unknown>): SentStatement {
    const statement = once(query);
    const name = createHash('sha256').update(statement.text).digest('base64url');
    if (!this.#names.has(name) && this.#names.size >= most) return statement;
    this.#names.add(name);
    return { ...statement, name };
  }

  /** None of the statements that were planned will be sent again: others may be planned in their place. */
  forgetPlanned(): void {
    this.#names.clear();
  }
}

/** One that is sent once. */
export function once(query: RawBuilder<unknown>): SentStatement {
  const { sql: text, parameters }: CompiledQuery = query.compile(written);
  return { text, parameters };
}
