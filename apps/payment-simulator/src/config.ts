import { embeddedSettings, port, serviceSettings, setting } from '@kiroku/service';
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
});
