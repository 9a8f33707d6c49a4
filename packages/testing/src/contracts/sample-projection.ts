import { defineEvents, defineProjection, type Projection, type RecordedEvent } from '@kiroku/core';
import { anySchema } from '../any-schema.ts';

interface Entry {
  readonly account: string;
  readonly amount: number;
}

export const ledgerEvents = defineEvents({
  Deposited: { schema: anySchema<Entry>() },
  Transferred: { schema: anySchema<Entry & { readonly to: string }>() },
  AccountClosed: { schema: anySchema<{ readonly account: string }>() },
});

/** A read model with every column type, a compound key, and an event that touches two rows. The order of events matters to it. */
export const ledger = defineProjection({
  name: 'contract-ledger',
  version: 1,
  events: ledgerEvents,
  tables: {
    account: {
      columns: {
        id: 'text key',
        balance: 'integer',
        blocked: 'boolean',
        opened_at: 'timestamp',
        opened_on: 'date',
        last_note: 'text?',
        entries: 'json',
      },
      indexes: [['balance', 'id'], ['opened_at']],
      listedBy: ['blocked', 'last_note'],
      on: {
        Deposited: {
          keys: ({ data }) => ({ id: data.account }),
          fold: (row, event) => book(row ?? opened(event.data.account, event), event.data.amount, event),
        },
        Transferred: {
          keys: ({ data }) => [{ id: data.account }, { id: data.to }],
          fold: (row, event, key) =>
            book(row ?? opened(key.id, event), key.id === event.data.account ? -event.data.amount : event.data.amount, event),
        },
        AccountClosed: { keys: ({ data }) => ({ id: data.account }), fold: () => undefined },
      },
    },
    day: {
      columns: { day: 'date key', account: 'text key', entries: 'integer' },
      on: {
        Deposited: {
          keys: ({ data, recordedAt }) => ({ day: recordedAt.slice(0, 10), account: data.account }),
          fold: (row, _event, key) => ({ ...key, entries: (row?.entries ?? 0) + 1 }),
        },
      },
    },
  },
});

interface Account {
  readonly id: string;
  readonly balance: number;
  readonly blocked: boolean;
  readonly opened_at: string;
  readonly opened_on: string;
  readonly last_note: string | null;
  readonly entries: unknown;
}

function opened(id: string, event: RecordedEvent<string, unknown>): Account {
  const opened_on = event.recordedAt.slice(0, 10);
  return { id, balance: 0, blocked: false, opened_at: event.recordedAt, opened_on, last_note: null, entries: [] };
}

function book(row: Account, amount: number, event: RecordedEvent<string, unknown>): Account {
  const balance = row.balance + amount;
  // depends on what was there before: events in another order give other rows
  const entries = [...(row.entries as readonly unknown[]), { position: event.position, balance }]; // only written here
  return { ...row, balance, blocked: balance < 0, last_note: balance < 0 ? `“overdrawn” at ${event.position}` : null, entries };
}

/** The read model folded one event at a time, by table and key: what every batch and every store must amount to. */
export function foldOneByOne(projection: Projection, events: readonly RecordedEvent[]): { readonly [table: string]: readonly object[] } {
  const folded = Object.entries(projection.tables).map(([name, table]) => {
    const rows = new Map<string, object>();
    for (const event of events) {
      const touched = new Map(table.keys(event).map((key) => [JSON.stringify(table.key.map((column) => key[column])), key])); // a row once
      for (const [text, key] of touched) {
        const next = table.fold(rows.get(text) as { readonly [column: string]: unknown } | undefined, event, key); // rows are records
        if (next === undefined) rows.delete(text);
        else rows.set(text, next);
      }
    }
    return [name, [...rows.values()]] as const;
  });
  return Object.fromEntries(folded);
}
