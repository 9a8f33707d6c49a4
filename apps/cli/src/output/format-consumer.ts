import type { DeadLetter, DeliveryTerms, LogFilter } from '@kiroku/core';
import { type ConsumerPlan, type ConsumerState, type ConsumerStatus, letterPlace, type ShownConsumer } from '@kiroku/operations';
import colors from 'picocolors';
import { formatDuration } from './duration.ts';
import { formatTime } from './format-job.ts';
import { formatLag } from './format-projection.ts';
import { shortened } from './shortened.ts';

/** Columns of `kiroku consumer list`. */
export const consumerColumns = ['consumer', 'state', 'position', 'behind', 'waiting', 'dead', 'gets', 'url'] as const;

/** A cell for each column, and after these why it is not delivering. */
export function formatConsumerRow(consumer: ConsumerStatus): readonly string[] {
  const { name, position, lag, waiting, dead, filter, url } = consumer;
  const [state, told] = [paint[consumer.state](consumer.state), formatState(consumer)];
  return [
    name,
    state,
    position.toLocaleString('en-US'),
    formatLag(lag),
    waiting === 0 ? '-' : colors.yellow(waiting.toLocaleString('en-US')),
    dead === 0 ? '-' : colors.red(dead.toLocaleString('en-US')),
    formatFilter(filter),
    url,
    ...(told === state ? [] : [told]),
  ];
}

/** All about one consumer. */
export function formatConsumer({ consumer, head, deadLetters }: ShownConsumer): string {
  const { name, url, filter, reveal, terms, position, lag, waiting, dead, failing, owner, previousSecretUntil } = consumer;
  const fields: readonly (readonly [name: string, value: string | undefined])[] = [
    ['state', formatState(consumer)],
    ['url', url],
    ['gets', `${formatFilter(filter)}${reveal ? ', personal fields readable' : ''}`],
    ['position', `${position.toLocaleString('en-US')} of ${head.toLocaleString('en-US')}, behind: ${formatLag(lag)}`],
    ['waiting', `${waiting} messages, ${dead} dead letters`],
    ['fails', failing && `since ${formatTime(failing.since)}: ${failing.code === undefined ? '' : `${failing.code}: `}${failing.error}`],
    ['owner', owner],
    ['terms', formatTerms(terms)],
    ['secret', previousSecretUntil && `the one before is used too until ${formatTime(previousSecretUntil)} UTC`],
    ['since', `${formatTime(consumer.createdAt)}, by ${consumer.createdBy}`],
  ];
  const told = fields.flatMap(([title, value]) => (value === undefined ? [] : [`  ${colors.dim(title.padEnd(9))} ${value}`]));
  const letters =
    deadLetters.length === 0
      ? []
      : ['', colors.bold('dead letters, oldest first'), ...letterLines(deadLetters), ...moreLetters(consumer, deadLetters)];
  return [colors.cyan(name), ...told, ...letters].join('\n');
}

/** With their titles, below what they are about. */
function letterLines(letters: readonly DeadLetter[]): readonly string[] {
  const rows = [deadLetterColumns, ...letters.map(formatDeadLetterRow)].map((row) => row.slice(1));
  const widths = deadLetterColumns.slice(1).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
  return lines.map((line, index) => (index === 0 ? colors.dim(line) : line));
}

function moreLetters({ name, dead }: ConsumerStatus, letters: readonly DeadLetter[]): readonly string[] {
  const last = letters.at(-1);
  if (last === undefined || letters.length >= dead) return [];
  return [`  and ${(dead - letters.length).toLocaleString('en-US')} more: kiroku consumer dead list ${name} --after ${letterPlace(last)}`];
}

/** What `kiroku consumer add --dry-run` says. */
export function formatConsumerPlan({ name, url, filter, reveal, terms, position, head }: ConsumerPlan): string {
  const events = (head - position).toLocaleString('en-US');
  return [
    `${name} would get what follows position ${position}, ${events} positions so far, at ${url}:`,
    `  ${formatFilter(filter)}${reveal ? ', personal fields readable' : ''}`,
    `  ${formatTerms(terms)}`,
  ].join('\n');
}

/** Columns of `kiroku consumer dead list`. */
export const deadLetterColumns = ['consumer', 'position', 'event', 'stream', 'failed', 'tries', 'behind', 'why'] as const;

export function formatDeadLetterRow(letter: DeadLetter): readonly string[] {
  const { consumer, position, eventType, stream, failedAt, attempts, behind, error } = letter;
  return [consumer, String(position), eventType, stream, formatTime(failedAt), String(attempts), String(behind), error];
}

function formatState({ state, paused, failing }: ConsumerStatus): string {
  if (state === 'paused' && paused !== undefined) return paint.paused(`paused since ${formatTime(paused.since)}: ${paused.reason}`);
  if (state !== 'failing' || failing === undefined) return paint[state](state);
  return paint.failing(`failing since ${formatTime(failing.since)}: ${failing.code ?? shortened(failing.error, 60)}`);
}

function formatTerms({ timeoutMs, concurrency, maxAttempts, maxAgeSeconds }: DeliveryTerms): string {
  const dead = `dead after ${maxAttempts} ${maxAttempts === 1 ? 'attempt' : 'attempts'} or ${formatDuration(maxAgeSeconds * 1_000)}`;
  return `${formatDuration(timeoutMs)} for an answer, ${concurrency} streams at once, ${dead}`;
}

const paint: { readonly [state in ConsumerState]: (text: string) => string } = {
  delivering: colors.green,
  failing: colors.red,
  paused: colors.yellow,
  orphaned: colors.red,
};

/** `OrderPlaced, OrderPaid of order with vip`, or `everything` */
function formatFilter({ types, categories, tags }: LogFilter): string {
  const parts = [
    ...(types === undefined ? [] : [types.join(', ')]),
    ...(categories === undefined ? [] : [`of ${categories.join(', ')}`]),
    ...(tags === undefined ? [] : [`with ${tags.join(', ')}`]),
  ];
  return parts.join(' ') || 'everything';
}
