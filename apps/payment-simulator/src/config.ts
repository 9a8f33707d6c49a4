import { embeddedSettings, port, serviceSettings, setting, urlText } from '@kiroku/service';
import { z } from 'zod';

/** Variables of the payment simulator. */
export const paymentSimulatorSettings = serviceSettings.extend({
  ...embeddedSettings.pick({ KIROKU_DATA_DIR: true }).shape,
  PAYMENT_SIMULATOR_PORT: port(4020, 'Port of the payment simulator.'),
  PAYMENT_SIMULATOR_LEDGER: setting(z.string().min(1).optional(), {
    description:
      'File in which the simulator keeps what it was asked and what it answered, one line of JSON each. One process at a time. Default: `payment-simulator/ledger.jsonl` in `KIROKU_DATA_DIR`.',
    allowed: 'a path that this user may write to',
  }),
  COMMAND_SERVICE_URL: setting(urlText(['http:', 'https:']).optional(), {
    description:
      'Base URL of the command service, to which outcomes are announced as webhooks, unless the behaviour says otherwise. Default: they are not.',
    allowed: 'a URL that starts with http:// or https://',
  }),
  PAYMENT_WEBHOOK_SECRET: setting(
    z
      .string()
      .regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, 'is not whsec_ and at least 24 bytes in base64')
      .optional(),
    {
      description: 'What these webhooks are signed with, as the command service expects it. Default: none are sent.',
      allowed: '`whsec_` and at least 24 bytes in base64',
      secret: true,
    },
  ),
});
