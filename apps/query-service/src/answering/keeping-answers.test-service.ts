import type { ReadModelNews } from '@kiroku/core';
import { AnswerCache, type ReadAnswer, ReadModelChanges } from '@kiroku/service';
import { shop, shopQueries } from '@kiroku/shop';
import type { serveQueries } from '../query-service.test-service.ts';

type Service = Pick<Awaited<ReturnType<typeof serveQueries>>, 'ask' | 'changes'>;
type Contracts = typeof shopQueries;

/** Asks a query service as the gateway does: what was read is kept until what it depends on changes. */
export function keepingAnswers(service: Service) {
  const changes = new ReadModelChanges({ projections: shop.projections });
  const cache = new AnswerCache({ changes, maxBytes: 16_000_000 });
  const leaving = new AbortController();
  void hear(changes, service.changes(leaving.signal));
  return {
    cache,
    ask: async (name: keyof Contracts, params: object, atLeast?: number) => {
      const contract = shopQueries[name];
      return cache.answer(
        { key: `${name} ${JSON.stringify(params)}`, reads: contract.reads, atLeast },
        async (): Promise<ReadAnswer<unknown>> => {
          const answer = await service.ask(name, params, atLeast);
          if (answer.statusCode !== 200) throw new Error(answer.body);
          const { position, result } = answer.json();
          const dependencies = contract.dependsOn(contract.params.parse(params) as never, result as never); // of the same contract
          return { position, value: result, dependencies, bytes: answer.body.length };
        },
      );
    },
    [Symbol.dispose]: () => leaving.abort(),
  };
}

async function hear(changes: ReadModelChanges, told: AsyncIterable<ReadModelNews>): Promise<void> {
  for await (const news of told) changes.hear(news);
}
