import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { doctorChecks } from './doctor-checks.ts';
import { findingCodes } from './finding-codes.ts';

const runbook = await readFile(new URL('../../../../docs/runbooks/doctor.md', import.meta.url), 'utf8');

test('each finding has a section in the runbook, and each section a finding', () => {
  const sections = [...runbook.matchAll(/^## (.+)$/gm)].map(([, title]) => title).filter((title) => title !== 'Histories');
  expect(sections).toEqual(Object.keys(findingCodes));
});

test('the runbook names the checks, in their order', () => {
  expect(runbook).toContain(`in this order: ${doctorChecks.map(({ name }) => `\`${name}\``).join(', ')}.`);
});
