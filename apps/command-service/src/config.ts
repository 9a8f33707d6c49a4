import {
  databaseSettings,
  httpUrl,
  integer,
  keySettings,
  port,
  proxySettings,
  serviceSettings,
  setting,
  workSettings,
} from '@kiroku/service';
import { z } from 'zod';

/** Variables of the command service. */
export const commandServiceSettings = serviceSettings
  .extend(proxySettings.shape)
  .extend(databaseSettings.shape)
  .extend(keySettings.shape)
  .extend(workSettings.shape)
  .extend({
    COMMAND_SERVICE_PORT: port(4001, 'Port of the command service.'),
    PAYMENT_SIMULATOR_URL: httpUrl('http://127.0.0.1:4020', 'Where the payment service and the carrier answer.'),
    PAYMENT_WEBHOOK_SECRET: setting(
      z
        .string()
        .regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, 'is not whsec_ and at least 24 bytes in base64')
        .optional(),
      {
        description:
          'What the payment service and the carrier sign their webhooks with: `POST /webhooks/payments` and `/webhooks/shipments`. Default: none are taken.',
        allowed: '`whsec_` and at least 24 bytes in base64',
        secret: true,
      },
    ),
    PROCESS_LEASE_MS: integer({
      min: 1_000,
      max: 600_000,
      default: 10_000,
      description:
        'After how long the process managers, commands and consumers of an instance that went silent are taken over by others, in milliseconds.',
    }),
    SAGA_RETENTION_DAYS: integer({
      min: 1,
      max: 36_500,
      default: 30,
      description: 'How long the commands and history of sagas that are done are kept, in days.',
    }),
    JOB_RETENTION_DAYS: integer({
      min: 1,
      max: 36_500,
      default: 90,
      description: 'How long jobs that have ended are kept, in days. The audit log keeps that they were.',
    }),
  });
