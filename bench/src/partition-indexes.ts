import type pg from 'pg';

/** Drops the indexes of the partitions of events, and of `kiroku.streams`, before much is loaded; returns the statements that create them again. */
export async function dropIndexes(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ drop: string; create: string }>(findIndexes);
  for (const { drop } of rows) await client.query(drop);
  return rows.map(({ create }) => create);
}

// those of a partitioned index stay
const findIndexes = `
  select
    case when c.oid is null then format('drop index %s', i.indexrelid::regclass)
      else format('alter table %s drop constraint %I', i.indrelid::regclass, c.conname) end as drop,
    case when c.oid is null then pg_get_indexdef(i.indexrelid)
      else format('alter table %s add constraint %I %s', i.indrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) end as create
  from pg_index i
  left join pg_constraint c on c.conindid = i.indexrelid and c.contype in ('u', 'p')
  where i.indrelid = 'kiroku.streams'::regclass
    or i.indrelid in (select inhrelid from pg_inherits where inhparent = 'kiroku.events'::regclass)
      and not exists (select from pg_inherits where inhrelid = i.indexrelid)`;
