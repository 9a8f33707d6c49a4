import { defineProjection, type RowsOf, rowsListedBy, rowsWithKeys } from '@kiroku/core';
import type { CheckpointWatch } from '@kiroku/engine';
import { type Pool, queryReadModel } from '@kiroku/postgres';
import { ReadModelChanges } from '@kiroku/service';
import { memberEvents } from './members.ts';
import { checkoutEvents } from './reminders.ts';

export const desk = defineProjection({
  name: 'desk',
  version: 1,
  events: { ...memberEvents, ...checkoutEvents },
  tables: {
    member: {
      columns: { member_id: 'text key', name: 'text', card: 'text' },
      on: {
        MemberJoined: {
          keys: ({ data }) => ({ member_id: data.memberId }),
          fold: (_, { data }) => ({ member_id: data.memberId, name: data.name, card: data.card }),
        },
        MemberLeft: { keys: ({ data }) => ({ member_id: data.memberId }), fold: () => undefined },
      },
    },
    checkout: {
      columns: { checkout_id: 'text key', member_id: 'text', title: 'text', due_at: 'timestamp', reminders: 'integer' },
      indexes: [['member_id']],
      listedBy: ['member_id'],
      on: {
        BookCheckedOut: {
          keys: ({ data }) => ({ checkout_id: data.checkoutId }),
          fold: (_, { data }) => ({
            checkout_id: data.checkoutId,
            member_id: data.memberId,
            title: data.title,
            due_at: data.dueAt,
            reminders: 0,
          }),
        },
        ReminderSent: {
          keys: ({ data }) => ({ checkout_id: data.checkoutId }),
          fold: (row) => row && { ...row, reminders: row.reminders + 1 },
        },
        BookBroughtBack: { keys: ({ data }) => ({ checkout_id: data.checkoutId }), fold: () => undefined },
      },
    },
  },
});

export interface Reading {
  readonly pool: Pool;
  readonly watch: CheckpointWatch;
}
type BookOut = Pick<RowsOf<typeof desk>['checkout'], 'title' | 'due_at' | 'reminders'> & { readonly name: string | null };

/** What a member has at home, of everything up to `atLeast`. */
export async function booksOf({ pool, watch }: Reading, memberId: string, atLeast = 0) {
  await watch.waitFor([desk], atLeast);
  return queryReadModel<BookOut>(pool, desk, {
    text: (schema) =>
      `select title, due_at, reminders, name from ${schema}.checkout left join ${schema}.member using (member_id)
       where member_id = $1 order by due_at`,
    values: [memberId],
  });
}

/** The same now, and again whenever it may have changed, until the signal. */
export async function* booksAsTheyChange(reading: Reading, memberId: string, signal: AbortSignal) {
  const changes = new ReadModelChanges({ projections: [desk] });
  const dependencies = [
    rowsListedBy(desk, 'checkout', 'member_id', memberId),
    rowsWithKeys(desk, 'member', [{ member_id: memberId }]), // their name is in it
  ];
  let told = 0;
  for await (const news of reading.watch.changes(signal)) {
    changes.hear(news);
    if (news.kind === 'current' || changes.isUnchanged(dependencies, told)) continue;
    told = changes.moment;
    yield await booksOf(reading, memberId);
  }
}
