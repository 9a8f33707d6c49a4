import type { WebhookBehaviour } from '../behaviour/behaviour.ts';

/** Whom outcomes are announced to, unless the behaviour says otherwise. */
export interface WebhookReceiver {
  readonly url: string;
  readonly shipmentsUrl: string;
  readonly secret: string;
}

export type Webhooks = WebhookReceiver & Pick<WebhookBehaviour, 'duplicateShare' | 'spreadMs'>;

/** How outcomes are announced; `undefined`: not at all. */
export function announcing(wanted: Partial<WebhookBehaviour> = {}, configured?: WebhookReceiver): Webhooks | undefined {
  const { duplicateShare = 0, spreadMs = 0, url = configured?.url, secret = configured?.secret } = wanted;
  if (url === undefined || secret === undefined) return undefined;
  const shipmentsUrl = wanted.shipmentsUrl ?? (wanted.url === undefined ? configured?.shipmentsUrl : undefined) ?? url;
  return { url, shipmentsUrl, secret, duplicateShare, spreadMs };
}
