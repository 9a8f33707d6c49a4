import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { guidePages } from './guide.ts';
import { codeSpans, tableRows } from './markdown.ts';
import { settingNames, takes } from './settings.ts';

const page = await readFile(join(guidePages, 'environment-variables.md'), 'utf8');
const rows = tableRows(page, ['Variable', 'Is for', 'Change it', 'Default']);
const namesIn = (text: string) => codeSpans(text).filter((code) => /^[A-Z][A-Z_]+$/.test(code));

test('every variable stands under one subject, with what it is for and when to change it', () => {
  expect(rows.flatMap(([variable = '']) => codeSpans(variable)).toSorted()).toEqual([...settingNames].toSorted());
  expect(rows.filter(([, purpose = '', when = '']) => purpose.length < 15 || when.length < 5)).toEqual([]);
});

test('its default is one that programs start with', () => {
  const defaults = rows.flatMap(([variable = '', , , value = '']) =>
    value === '' ? [] : [[codeSpans(variable)[0] ?? '', codeSpans(value)[0] ?? '']],
  );
  expect(defaults.length).toBeGreaterThan(30);
  expect(defaults.filter(([name = '', value = '']) => !takes(name, value))).toEqual([]);
});

test('what the guide names has a name here, or is said to have none yet', () => {
  const names = tableRows(page, ['The guide', 'Here']);
  expect(names.length).toBeGreaterThan(5);
  expect(
    names.filter(([, here = '']) => !/not there yet|PostgreSQL's own/.test(here) && !namesIn(here).some((name) => settingNames.has(name))),
  ).toEqual([]);
});
