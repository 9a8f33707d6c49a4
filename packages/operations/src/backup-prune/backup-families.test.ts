import { expect, test } from 'vitest';
import { type Kept, unneeded } from './backup-families.ts';

const full = '20261101-020000F';

function backup(id: string, label?: string): Kept {
  return { id, ...(label !== undefined && { pgbackrest: [{ stanza: 'shop', label }] }) };
}

const family = [backup('1', full), backup('2', `${full}_20261102-020000I`), backup('3', `${full}_20261103-020000I`)];
const idsOf = (backups: readonly Kept[]) => backups.map(({ id }) => id);

test('a backup that a younger one stands on stays with it', () => {
  expect(idsOf(unneeded(family.slice(0, 2), family))).toEqual([]);
  expect(idsOf(unneeded(family.slice(0, 1), family))).toEqual([]);
});

test('a family goes as a whole, and from its youngest on', () => {
  const next = backup('4', '20261108-020000F');
  expect(idsOf(unneeded(family, [...family, next]))).toEqual(['1', '2', '3']);
  expect(idsOf(unneeded(family.slice(2), [...family, next]))).toEqual(['3']);
});

test('backups that stand alone need no other', () => {
  const alone = [backup('1'), backup('2')];
  expect(idsOf(unneeded(alone.slice(0, 1), alone))).toEqual(['1']);
});
