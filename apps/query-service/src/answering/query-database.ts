import { createHash } from 'node:crypto';
import { type Pool, SharedConnections, toKirokuError } from '@kiroku/postgres';
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
  /** Quick whatever its values are: it may share a connection with others. Default false. */
  readonly isQuick?: boolean;
}

/** Runs statements that were written with Kysely. */
export class QueryDatabase {
  readonly #pool: Pool;
  readonly #shared: SharedConnections;
  readonly #names = new Set<string>();

  constructor(pool: Pool) {
    this.#pool = pool;
    this.#shared = new SharedConnections(pool);
  }

  /** The rows of a statement, all of them of one moment. */
  async rows<Row extends object>({ text, parameters, name, isQuick }: SentStatement, params: unknown): Promise<readonly Row[]> {
    const query = { text, values: valuesFor(parameters, params), ...(name !== undefined && { name }) };
    if (isQuick === true) return this.#shared.rows<Row>(query);
    try {
      const { rows } = await this.#pool.query<Row>(query);
      return rows;
    } catch (error) {
      throw toKirokuError(error);
    }
  }

  /** One that is to be sent many times: planning is most of the work of a read by key. */
  planned(query: RawBuilder<unknown>, { isQuick = false }: Pick<SentStatement, 'isQuick'> = {}): SentStatement {
    const statement = { ...once(query), isQuick };
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
