// What the killed processes project: the sample ledger in three partitions, with a fold that fails now and then.
import { ledger } from '@kiroku/testing';

export const leaseMs = 600;

const { account } = ledger.tables;

/** Every thirteenth event of an account is one that its fold cannot take. */
const fold = (row, event, key) => {
  if (key.id === 'cid' && event.position % 13 === 0) throw new Error('an unlucky event');
  return account.fold(row, event, key);
};

export const sample = { ...ledger, partitions: 3, tables: { ...ledger.tables, account: { ...account, fold } } };
