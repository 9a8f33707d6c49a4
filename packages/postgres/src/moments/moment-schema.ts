import { KirokuError, type Projection } from '@kiroku/core';
import { projectionSchema } from '../read-models/table-sql.ts';

/** The longest name that PostgreSQL keeps whole. */
const longest = 63;

/** The schema of a projection as of a moment: `at_4711_product_list_v1`. Throws `BadRequest` for a name that cannot begin one. */
export function momentSchema(moment: string, projection: Pick<Projection, 'name' | 'version'>): string {
  const schema = `${moment}_${projectionSchema(projection)}`;
  if (!/^[a-z][a-z0-9_]*$/.test(moment) || /^(pg|kiroku)_/.test(schema)) {
    throw new KirokuError(
      'BadRequest',
      `"${moment.slice(0, 80)}" cannot name a moment: use small letters, digits and _, beginning with a letter, but not with pg_ or kiroku_.`,
    );
  }
  if (schema.length <= longest) return schema;
  throw new KirokuError(
    'BadRequest',
    `The schema ${schema} would have ${schema.length} characters, PostgreSQL keeps ${longest}. Give the moment a name of at most ${longest - schema.length + moment.length}.`,
  );
}
