import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { rejections } from './rejections.ts';

const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const text = (test: boolean) =>
  files
    .filter((file) => file.endsWith('.test.ts') === test)
    .map((file) => readFileSync(`${import.meta.dirname}/${file}`, 'utf8'))
    .join();

test.each(Object.keys(rejections))('%s is said somewhere, and a scenario shows when', (code) => {
  expect(text(false)).toContain(`refuse('${code}'`);
  expect(text(true)).toContain(`rejected('${code}'`);
});
