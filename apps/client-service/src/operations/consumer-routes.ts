import {
  addConsumer,
  type ConsumerOrder,
  type ConsumerStores,
  listConsumers,
  listDeadLetters,
  pauseConsumer,
  planConsumer,
  removeConsumer,
  rewindConsumer,
  rotateSecret,
  settleDeadLetters,
  showConsumer,
} from '@kiroku/operations';
import type { ZodApp } from '@kiroku/service';
import { z } from 'zod';
import {
  addedSchema,
  addingSchema,
  consumerPlanSchema,
  consumerSchema,
  deadLetterSchema,
  letterFilterSchema,
  orderSchema,
  rewindingSchema,
  rotatedSchema,
  rotatingSchema,
  settlingLettersSchema,
  shownConsumerSchema,
} from './consumer-schemas.ts';
import { given, operatorOf } from './given.ts';
import { onBehalfSchema, problem } from './operations-schemas.ts';

const tags = ['consumers'];
const params = z.object({ name: z.string().describe('Of the consumer.') });

/** Looking at outside consumers, registering and steering them, and settling their dead letters. */
export function consumerRoutes(api: ZodApp, stores: ConsumerStores): void {
  readingRoutes(api, stores);
  registeringRoutes(api, stores);
  steeringRoutes(api, stores);
  letterRoutes(api, stores);
}

function readingRoutes(api: ZodApp, stores: ConsumerStores): void {
  api.get(
    '/consumers',
    {
      schema: {
        operationId: 'listConsumers',
        tags,
        summary: 'Every outside consumer, and how it is',
        response: { 200: z.array(consumerSchema).readonly(), default: problem },
      },
    },
    async () => listConsumers(stores),
  );
  api.get(
    '/consumers/:name',
    {
      schema: {
        operationId: 'showConsumer',
        tags,
        summary: 'A consumer and its oldest dead letters',
        params,
        response: { 200: shownConsumerSchema, default: problem },
      },
    },
    async ({ params: { name } }) => showConsumer(stores, name),
  );
}

function registeringRoutes(api: ZodApp, stores: ConsumerStores): void {
  api.post(
    '/consumer-plan',
    {
      schema: {
        operationId: 'planConsumer',
        tags,
        summary: 'What registering a consumer would lead to',
        body: orderSchema,
        response: { 200: consumerPlanSchema, default: problem },
      },
    },
    async ({ body }) => planConsumer(stores, orderOf(body)),
  );
  api.post(
    '/consumers',
    {
      schema: {
        operationId: 'addConsumer',
        tags,
        summary: 'Register a consumer; its secret is told in the answer, and never again',
        body: addingSchema,
        response: { 200: addedSchema, default: problem },
      },
    },
    async ({ body: { operator, reason, ...order } }) =>
      addConsumer(stores, { order: orderOf(order), operator: operatorOf({ operator, reason }) }),
  );
  api.post(
    '/consumers/:name/remove',
    {
      schema: {
        operationId: 'removeConsumer',
        tags,
        summary: 'Remove a consumer with its messages, and destroy its secret',
        params,
        body: onBehalfSchema,
        response: { 200: consumerSchema, default: problem },
      },
    },
    async ({ params: { name }, body }) => removeConsumer(stores, { name, operator: operatorOf(body) }),
  );
}

function orderOf({ name, url, terms, ...order }: z.output<typeof orderSchema>): ConsumerOrder {
  return { name, url, ...given(order), ...(terms && { terms: given(terms) }) };
}

function steeringRoutes(api: ZodApp, stores: ConsumerStores): void {
  const steering = { tags, params, response: { 200: consumerSchema, default: problem } };
  for (const verb of ['pause', 'resume'] as const) {
    api.post(
      `/consumers/:name/${verb}`,
      { schema: { ...steering, operationId: `${verb}Consumer`, summary: `${verb} a consumer`, body: onBehalfSchema } },
      async ({ params: { name }, body }) => pauseConsumer(stores, { name, paused: verb === 'pause', operator: operatorOf(body) }),
    );
  }
  api.post(
    '/consumers/:name/rewind',
    { schema: { ...steering, operationId: 'rewindConsumer', summary: 'Deliver again what follows a position', body: rewindingSchema } },
    async ({ params: { name }, body: { to, ...behalf } }) => rewindConsumer(stores, { name, to, operator: operatorOf(behalf) }),
  );
  api.post(
    '/consumers/:name/rotate-secret',
    {
      schema: {
        operationId: 'rotateSecret',
        tags,
        summary: 'Sign with a new secret, which is told in the answer, and never again',
        params,
        body: rotatingSchema,
        response: { 200: rotatedSchema, default: problem },
      },
    },
    async ({ params: { name }, body: { overlapHours, ...behalf } }) =>
      rotateSecret(stores, { name, operator: operatorOf(behalf), ...given({ overlapHours }) }),
  );
}

function letterRoutes(api: ZodApp, stores: ConsumerStores): void {
  const letters = { 200: z.array(deadLetterSchema).readonly(), default: problem };
  api.get(
    '/dead-letters',
    {
      schema: {
        operationId: 'listDeadLetters',
        tags,
        summary: 'Messages that are tried no more, oldest first',
        querystring: letterFilterSchema,
        response: letters,
      },
    },
    async ({ query: { limit, ...query } }) => listDeadLetters(stores, { limit, ...given(query) }),
  );
  for (const verb of ['retry', 'discard'] as const) {
    api.post(
      `/consumers/:name/dead/${verb}`,
      {
        schema: {
          operationId: `${verb}DeadLetters`,
          tags,
          summary: `${verb} dead letters${verb === 'retry' ? '' : ', for a reason'}; what waits behind them goes on`,
          params,
          body: settlingLettersSchema,
          response: letters,
        },
      },
      async ({ params: { name }, body: { positions, ...behalf } }) =>
        settleDeadLetters(stores, { name, verb, positions, operator: operatorOf(behalf) }),
    );
  }
}
