import type { KeysRestored } from '@kiroku/operations';
import colors from 'picocolors';
import { counted, formatCount } from './format-count.ts';

const mostNamed = 20;

/** How many files were, or would be, put back. */
export function putCount({ put: { added, beside, replaced } }: KeysRestored): number {
  return added.length + beside.length + replaced.length;
}

/** What was, or would be, put back, and what is missing all the same. */
export function keysLines(report: KeysRestored): readonly string[] {
  const { done, back, notices } = report;
  return [
    ...(done ? doneLines(report) : plannedLines(report)),
    ...(back.length > 0 ? [`  ${named(back)} ${done ? 'can' : 'could'} be read again.`] : []),
    ...notices.map((notice) => `${colors.yellow('!')} ${notice}`),
    missingLine(report),
  ];
}

function doneLines(report: KeysRestored): readonly string[] {
  const count = putCount(report);
  if (count === 0) return ['Nothing is to be put back.'];
  const { put, directory } = report;
  return [
    `${colors.green('✓')} ${counted(count, 'key')} of personal data ${count === 1 ? 'is' : 'are'} back in ${directory}.`,
    ...pathLines('was missing', put.added),
    ...pathLines('was damaged', put.replaced),
    ...pathLines('is beside another', put.beside),
  ];
}

function plannedLines(report: KeysRestored): readonly string[] {
  const { put, directory } = report;
  if (putCount(report) === 0) return ['Nothing is to be put back.'];
  const told = [
    ...(put.added.length > 0
      ? [`${counted(put.added.length, 'key')} ${put.added.length === 1 ? 'is' : 'are'} missing and would be put back`]
      : []),
    ...(put.replaced.length > 0
      ? [`${counted(put.replaced.length, 'file')} ${put.replaced.length === 1 ? 'is' : 'are'} damaged and would be replaced`]
      : []),
    ...(put.beside.length > 0 ? [`${counted(put.beside.length, 'key')} would come beside another that was made in its place`] : []),
  ];
  return [
    `In ${directory}: ${told.join('; ')}.`,
    ...pathLines('missing', put.added),
    ...pathLines('damaged', put.replaced),
    ...pathLines('beside another', put.beside),
  ];
}

function missingLine({ missing, done }: KeysRestored): string {
  if (missing === undefined)
    return `${colors.yellow('!')} The log cannot be read, so whose keys are missing cannot be told. \`kiroku doctor\` tells it later.`;
  const { subjects, looked } = missing;
  if (subjects.length === 0)
    return `${done ? 'No key is' : 'No key would be'} missing of the ${formatCount(looked)} subjects that were looked at.`;
  return `${colors.red('✗')} Of ${formatCount(subjects.length)} of the ${formatCount(looked)} subjects that were looked at no key is kept that opens their data: ${named(subjects)}.`;
}

/** Files are named by digests of subjects. */
function pathLines(what: string, paths: readonly string[]): readonly string[] {
  const shown = paths.slice(0, mostNamed).map((path) => `  ${what}: ${path}`);
  return paths.length > mostNamed ? [...shown, `  ${what}: ${formatCount(paths.length - mostNamed)} more (--json has all)`] : shown;
}

function named(subjects: readonly string[]): string {
  const shown = subjects.slice(0, mostNamed).join(', ');
  return subjects.length > mostNamed ? `${shown} and ${formatCount(subjects.length - mostNamed)} more (--json has all)` : shown;
}
