import { join } from 'node:path';
import { runService } from '@kiroku/service';
import { Misbehaviour } from './behaviour/misbehaviour.ts';
import { paymentSimulatorSettings } from './config.ts';
import { createSimulatorApp } from './create-simulator-app.ts';
import { Ledger } from './ledger/ledger.ts';
import { WebhookSender } from './webhooks/webhook-sender.ts';

await runService({ name: 'payment-simulator', settings: paymentSimulatorSettings }, async ({ config, logger, health, tracing, onStop }) => {
  const path = config.PAYMENT_SIMULATOR_LEDGER ?? join(config.KIROKU_DATA_DIR, 'payment-simulator', 'ledger.jsonl');
  const ledger = await Ledger.open(path);
  onStop('ledger', () => ledger.close());
  health.register('ledger', () => ledger.requireSound());

  const misbehaviour = new Misbehaviour();
  const webhooks = new WebhookSender({
    random: () => misbehaviour.webhookRandom(),
    tracing,
    onFault: (err, key) => logger.warn({ err, key }, 'a webhook could not be delivered'),
  });
  onStop('webhooks', () => webhooks.stop());
  const { COMMAND_SERVICE_URL: receiving, PAYMENT_WEBHOOK_SECRET: secret } = config;
  return {
    app: await createSimulatorApp({
      logger,
      health,
      tracing,
      ledger,
      misbehaviour,
      webhooks,
      requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
      ...(receiving !== undefined &&
        secret !== undefined && {
          receiver: { url: `${receiving}/webhooks/payments`, shipmentsUrl: `${receiving}/webhooks/shipments`, secret },
        }),
    }),
    port: config.PAYMENT_SIMULATOR_PORT,
    portVariable: 'PAYMENT_SIMULATOR_PORT',
  };
});
