import { type LogPosition, parsePositionToken, positionToken } from '@kiroku/core';
import { isCurrency } from '@kiroku/shop';
import { GraphQLError, Kind, type ValueNode } from 'graphql';
import { validate as isUuid } from 'uuid';

/** Text of a certain form; anything else is refused with what it should be. */
function textScalar<T>(name: string, expected: string, parse: (text: string) => T | undefined) {
  const parseValue = (value: unknown): T => {
    const parsed = typeof value === 'string' ? parse(value) : undefined;
    if (parsed === undefined) throw new GraphQLError(`${name} must be ${expected}, not ${quoted(value)}.`);
    return parsed;
  };
  return {
    serialize: (value: unknown) => String(value),
    parseValue,
    parseLiteral: (node: ValueNode) => parseValue(node.kind === Kind.STRING ? node.value : literalValue(node)),
  };
}

/** Lists and objects are not written out: they may be nested deeper than can be walked. */
function quoted(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return JSON.stringify(typeof value === 'string' ? value.slice(0, 80) : value);
}

function literalValue(node: ValueNode): unknown {
  return node.kind === Kind.INT || node.kind === Kind.FLOAT ? Number(node.value) : node.kind;
}

const matching = (pattern: RegExp) => (text: string) => (pattern.test(text) ? text : undefined);
const realDate = (text: string) =>
  /^\d{4}-\d\d-\d\d$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text) ? text : undefined;

/** How the schema's scalars are read and written; their names and descriptions are in the schema. */
export const scalars = {
  Position: {
    ...textScalar('Position', 'a position of the log as text, such as "42", or "2:42" after a restore', parsePositionToken),
    serialize: (value: unknown) => positionToken(value as LogPosition), // what resolvers return for it
  },
  Decimal: textScalar('Decimal', 'a decimal number as text, such as "12.50"', matching(/^-?\d{1,16}(\.\d{1,16})?$/)),
  Currency: textScalar('Currency', 'an ISO 4217 code in capitals, such as "EUR"', (text) => (isCurrency(text) ? text : undefined)),
  Date: textScalar('Date', 'a day such as "2026-11-24"', realDate),
  DateTime: textScalar(
    'DateTime',
    'an ISO 8601 time in UTC, such as "2026-11-24T10:00:00Z"',
    matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/),
  ),
  UUID: textScalar('UUID', 'a UUID', (text) => (isUuid(text) ? text.toLowerCase() : undefined)),
};
