import { type DocumentNode, type GraphQLSchema, isListType, isNonNullType } from 'graphql';
import { type ComplexityEstimatorArgs, getComplexity } from 'graphql-query-complexity';
import { invalidDocument, operationsOf } from './document.ts';

/** How much one operation may ask for. */
export interface OperationLimits {
  /** Nested fields. */
  readonly maxDepth: number;
  readonly maxCost: number;
  /** Characters of a document. */
  readonly maxLength: number;
}

/** Entries that a list without paging is taken to have. */
const unpagedEntries = 10;
const longestPage = 100;
const defaultPage = 20;

/**
 * Refuses an operation that may cost too much: one for each field, times the entries of the lists around it.
 * Works on the parsed document, with the values of the variables.
 */
export function requireCheap(options: {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
  readonly operationName?: string;
  readonly maxCost: number;
}): number {
  const { schema, document, variables = {}, operationName, maxCost } = options;
  const compute = () =>
    costOf(() =>
      getComplexity({
        schema,
        query: document,
        estimators: [fieldCost],
        variables: { ...variables },
        ...(operationName !== undefined && { operationName }),
      }),
    );
  const cost = remembered(document, asking(document, operationName, variables), compute);
  if (cost <= maxCost) return cost;
  throw invalidDocument(`The operation may cost ${cost}; at most ${maxCost} is allowed. Ask for fewer fields or smaller pages.`);
}

/** Costs of documents that are kept parsed; walking through one took a seventh of the gateway's time. */
const costs = new WeakMap<DocumentNode, Map<string, number>>();
const mostOfOne = 100;
/** Characters: whoever asks for more at once is not remembered, so that nobody fills the memory with what they send. */
const longestAsking = 500;

function remembered(document: DocumentNode, asked: string, compute: () => number): number {
  const known = costs.get(document) ?? new Map<string, number>();
  const cost = known.get(asked);
  if (cost !== undefined) return cost;
  const computed = compute();
  if (known.size < mostOfOne && asked.length <= longestAsking) costs.set(document, known.set(asked, computed));
  return computed;
}

/** What of a request its cost depends on: the sizes of pages, and what is included or skipped. */
function asking(document: DocumentNode, operationName: string | undefined, variables: Readonly<Record<string, unknown>>): string {
  let asked = JSON.stringify(operationName) ?? '';
  for (const name of declaredVariables(document)) {
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    // null, too: without a value there may be a default. The name is JSON, so that none can look like another and its value
    if (value === null || typeof value === 'number' || typeof value === 'boolean') asked += `${JSON.stringify(name)}${value}`;
  }
  return asked;
}

/** Others say nothing to the operation, however many are sent. */
function* declaredVariables(document: DocumentNode): Generator<string> {
  for (const { variableDefinitions = [] } of operationsOf(document))
    for (const { variable } of variableDefinitions) yield variable.name.value;
}

function fieldCost({ field, args, childComplexity, type }: ComplexityEstimatorArgs): number {
  if (type.name.startsWith('__') || field.name.startsWith('__')) return 0; // introspection asks nobody, and validation bounds its depth
  const listed = isNonNullType(field.type) ? field.type.ofType : field.type;
  // The entries of a page are counted where its size is given, at the connection.
  if (isListType(listed) && !type.name.endsWith('Connection')) return 1 + unpagedEntries * childComplexity;
  if (field.args.some(({ name }) => name === 'first')) return 1 + pageSize(args.first) * childComplexity;
  return 1 + childComplexity;
}

function pageSize(first: unknown): number {
  if (typeof first !== 'number') return defaultPage;
  return Math.min(Math.max(first, 1), longestPage); // other sizes are refused later
}

// Fields of unknown arguments or variables are reported by validation, in words of its own.
function costOf(compute: () => number): number {
  try {
    return compute();
  } catch (error) {
    throw invalidDocument(error instanceof Error ? error.message : String(error));
  }
}
