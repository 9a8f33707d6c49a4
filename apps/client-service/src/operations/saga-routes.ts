import { controlSaga, listSagas, planSagaControl, type SagaStores, sagaDiagram, sagaStats, showSaga } from '@kiroku/operations';
import type { ZodApp } from '@kiroku/service';
import { z } from 'zod';
import { given, operatorOf } from './given.ts';
import { problem } from './operations-schemas.ts';
import {
  chosenSagaSchema,
  diagramSchema,
  listedSagaSchema,
  plannedSagaSchema,
  sagaFilterSchema,
  sagaStatsSchema,
  sagaToShowSchema,
  shownSagaSchema,
  steeringSagaSchema,
} from './saga-schemas.ts';

const tags = ['sagas'];
const params = z.object({ id: z.string().describe('Of the saga.') });
const nobody = { name: 'nobody' };

/** Looking at sagas, and steering them. */
export function sagaRoutes(api: ZodApp, stores: SagaStores): void {
  readingRoutes(api, stores);
  figureRoutes(api, stores);
  steeringRoutes(api, stores);
}

function readingRoutes(api: ZodApp, stores: SagaStores): void {
  api.get(
    '/sagas',
    {
      schema: {
        operationId: 'listSagas',
        tags,
        summary: 'The sagas that moved last',
        querystring: sagaFilterSchema,
        response: { 200: z.array(listedSagaSchema).readonly(), default: problem },
      },
    },
    async ({ query: { state, processManager, before, limit } }) =>
      listSagas(stores, { limit, ...given({ status: state, processManager, before }) }),
  );
  api.get(
    '/sagas/:id',
    {
      schema: {
        operationId: 'showSaga',
        tags,
        summary: 'A saga: where it stands, the end of its timeline, and what it waits for',
        params,
        querystring: sagaToShowSchema,
        response: { 200: shownSagaSchema, default: problem },
      },
    },
    async ({ params: { id }, query: { lines, ...query } }) => showSaga(stores, { id, lines, ...given(query) }),
  );
}

function figureRoutes(api: ZodApp, stores: SagaStores): void {
  api.get(
    '/saga-stats',
    {
      schema: {
        operationId: 'sagaStats',
        tags,
        summary: 'How many sagas there are, and how they ended',
        response: { 200: z.array(sagaStatsSchema).readonly(), default: problem },
      },
    },
    async () => sagaStats(stores),
  );
  api.get(
    '/saga-diagrams/:name',
    {
      schema: {
        operationId: 'sagaDiagram',
        tags,
        summary: 'The declared steps of a saga',
        params: z.object({ name: z.string().describe('Of the process manager.') }),
        response: { 200: diagramSchema, default: problem },
      },
    },
    async ({ params: { name } }) => ({ name, diagram: sagaDiagram(stores.application, name) }),
  );
}

function steeringRoutes(api: ZodApp, stores: SagaStores): void {
  for (const control of ['retry', 'compensate', 'close'] as const) {
    const name = `${control.charAt(0).toUpperCase()}${control.slice(1)}`;
    api.get(
      `/sagas/:id/${control}`,
      {
        schema: {
          operationId: `planSaga${name}`,
          tags,
          summary: `What it would lead to, to ${control} a saga`,
          params,
          querystring: chosenSagaSchema,
          response: { 200: plannedSagaSchema, default: problem },
        },
      },
      async ({ params: { id }, query }) => ({ plan: await planSagaControl(stores, { id, control, operator: nobody, ...given(query) }) }),
    );
    api.post(
      `/sagas/:id/${control}`,
      {
        schema: {
          operationId: `${control}Saga`,
          tags,
          summary: `${control} a saga${control === 'close' ? ', for a reason' : ''}; the audit log notes who did`,
          params,
          body: steeringSagaSchema,
          response: { 200: shownSagaSchema, default: problem },
        },
      },
      async ({ params: { id }, body: { processManager, ...behalf } }) =>
        controlSaga(stores, { id, control, operator: operatorOf(behalf), ...given({ processManager }) }),
    );
  }
}
