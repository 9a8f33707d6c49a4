import { type AuditStores, listAudit } from '@kiroku/operations';
import type { ZodApp } from '@kiroku/service';
import { z } from 'zod';
import {
  auditHeadSchema,
  auditListingSchema,
  auditQuerySchema,
  auditVerificationQuerySchema,
  auditVerificationSchema,
} from './audit-schemas.ts';
import { given } from './given.ts';
import { problem } from './operations-schemas.ts';

/** The audit of commands and of what operators did, and its chains. */
export function auditRoutes(api: ZodApp, stores: AuditStores): void {
  api.get(
    '/audit/entries',
    {
      schema: {
        operationId: 'listAudit',
        tags: ['audit'],
        summary: 'Commands and what operators did, latest first',
        querystring: auditQuerySchema,
        response: { 200: auditListingSchema, default: problem },
      },
    },
    async ({ query: { limit, ...query } }) => listAudit(stores.trails, { limit, ...given(query) }),
  );
  api.get(
    '/audit/heads',
    {
      schema: {
        operationId: 'auditHeads',
        tags: ['audit'],
        summary: 'Where the chains of the audit end: to be kept where nobody who can change the database can change it',
        response: { 200: z.array(auditHeadSchema).readonly(), default: problem },
      },
    },
    async () => stores.heads(),
  );
  api.get(
    '/audit/verification',
    {
      schema: {
        operationId: 'verifyAudit',
        tags: ['audit'],
        summary: 'Recomputes the chains of the audit',
        querystring: auditVerificationQuerySchema,
        response: { 200: auditVerificationSchema, default: problem },
      },
    },
    async ({ query: { head = [] } }) => stores.verify(head),
  );
}
