import Table from 'cli-table3';
import colors from 'picocolors';
import type { Report } from './report.ts';

const noBorders = Object.fromEntries(
  'top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid'
    .split(' ')
    .map((name) => [name, '']),
);

/** The report for people. */
export function formatReport(report: Report): string {
  const { seconds, requests, answeredRate, rate, seed, orders, errorShare, maxErrorShare, ok } = report;
  const verdict = `${percent(errorShare)} errors, ${percent(maxErrorShare)} allowed`;
  return [
    `${requests} requests in ${seconds.toFixed(1)} s: ${answeredRate.toFixed(1)} a second of ${rate} wanted (seed ${seed}).`,
    '',
    kindTable(report),
    '',
    `Orders      ${orders.acknowledged.length} acknowledged, ${orders.cancelled.length} of them cancelled, ${orders.unanswered.length} without an answer`,
    `Rejections  ${counts(report.rejections)}`,
    `Errors      ${counts(report.errors)}`,
    '',
    ok ? colors.green(`Passed: ${verdict}.`) : colors.red(`Failed: ${verdict}.`),
  ].join('\n');
}

function kindTable({ kinds }: Report): string {
  const head = ['', 'count', 'per s', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms', 'rejected', 'errors'];
  const table = new Table({
    head: head.map((title) => colors.bold(title)),
    colAligns: head.map((_, index) => (index === 0 ? 'left' : 'right')),
    chars: { ...noBorders, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const { kind, count, rate, p50, p95, p99, max, rejections, errors } of kinds) {
    table.push([kind, count, rate.toFixed(1), ...[p50, p95, p99, max].map((ms) => ms.toFixed(1)), rejections, errors]);
  }
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

function counts(byCode: Readonly<Record<string, number>>): string {
  const list = Object.entries(byCode).sort(([, a], [, b]) => b - a);
  return list.length === 0 ? 'none' : list.map(([code, count]) => `${code} ${count}`).join(', ');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
