import { type AnswerKeeper, answerKey, type ReadAnswer, type RequestContext, versionsOf } from '@kiroku/service';
import type { QueryContract } from '@kiroku/shop';
import type { CommandAccepted, CommandData, CommandType, QueryName, QueryOptions, QueryParams, QueryResult, Services } from './services.ts';

/** An answer of the query service, and how far what it was read from goes. */
export interface UpstreamAnswer<R> {
  readonly position: number;
  readonly result: R;
  /** Length of its text. */
  readonly length: number;
  /** Of the read models that it was read from, as `versionsOf`. */
  readonly versions: string;
}

/** The services behind the gateway, as they answer. */
export interface AnsweringServices extends Pick<Services, 'command'> {
  answer<N extends QueryName>(name: N, params: QueryParams<N>, options: QueryOptions): Promise<UpstreamAnswer<QueryResult<N>>>;
}

export interface KeptAnswersOptions {
  readonly services: AnsweringServices;
  readonly cache: AnswerKeeper;
  readonly queries: { readonly [N in QueryName]: QueryContract };
  /** Of the log that the changes which the cache hears of come from, while they are heard. */
  readonly timeline: () => number | undefined;
}

/** What a text takes once it is read, about, for each of its characters. */
const bytesPerCharacter = 2;

/** The services behind the gateway. What was read is not read again until it changes: see `AnswerCache`. */
export class KeptAnswers implements Services {
  readonly #options: KeptAnswersOptions;

  constructor(options: KeptAnswersOptions) {
    this.#options = options;
  }

  command<T extends CommandType>(
    type: T,
    data: CommandData<T>,
    options: { readonly commandId: string; readonly context: RequestContext },
  ): Promise<CommandAccepted> {
    return this.#options.services.command(type, data, options);
  }

  async query<N extends QueryName>(name: N, params: QueryParams<N>, options: QueryOptions): Promise<QueryResult<N>> {
    const { services, cache, queries, timeline } = this.#options;
    const { atLeast, asOf } = options;
    // a moment does not change, but may be dropped; a position of another timeline may be one that is undone, and is refused
    if (asOf !== undefined || (atLeast !== undefined && atLeast.timeline !== timeline()))
      return (await services.answer(name, params, options)).result;
    const contract = queries[name];
    const asked = { key: answerKey(name, params), reads: contract.reads, atLeast: atLeast?.position };
    const { value } = await cache.answer(asked, async (): Promise<ReadAnswer<QueryResult<N>>> => {
      const { position, result, length, versions } = await services.answer(name, params, options);
      const read = contract.params.safeParse(params); // an id may be written in another way; a later release may take what this one does not
      const isHeardOf = versions === versionsOf(contract.reads); // while processes are replaced, some answer from other versions
      const dependencies = read.success && isHeardOf ? contract.dependsOn(read.data, result) : undefined;
      return { position, value: result, dependencies, bytes: length * bytesPerCharacter };
    });
    return value;
  }
}
