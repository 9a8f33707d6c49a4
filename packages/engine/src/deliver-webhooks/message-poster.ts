import { type ConsumerLease, isKirokuError, type KeyStore, type RecordedEvent } from '@kiroku/core';
import { openSecrets } from './consumer-secret.ts';
import { judgeAnswer, judgeFault, type Verdict } from './judge-answer.ts';
import { webhookMessage } from './webhook-message.ts';
import { WebhookSender, type WebhookSenderOptions } from './webhook-sender.ts';

export interface MessagePosterOptions extends Pick<WebhookSenderOptions, 'through'> {
  readonly lease: ConsumerLease;
  readonly keys: KeyStore;
  /** Makes personal fields readable. */
  readonly readable: (events: readonly RecordedEvent[]) => Promise<readonly RecordedEvent[]>;
}

const secretsForMs = 10_000;
const tooLate = new DOMException('There was no answer in time.', 'TimeoutError');

/** Posts events to one consumer. */
export class MessagePoster {
  readonly #options: MessagePosterOptions;
  readonly #sender: WebhookSender;
  #secrets: { readonly opened: Promise<readonly string[]>; readonly until: number } | undefined;

  constructor(options: MessagePosterOptions) {
    const { lease, through } = options;
    const { concurrency, timeoutMs } = lease.terms;
    this.#options = options;
    this.#sender = new WebhookSender({ connections: concurrency, timeoutMs, through });
  }

  /** What became of it; `undefined` if the signal fired before there was an answer. */
  async post(event: RecordedEvent, signal: AbortSignal): Promise<Verdict | undefined> {
    if (signal.aborted) return undefined;
    const { lease, readable } = this.#options;
    const { url, reveal, log, terms } = lease;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(tooLate), terms.timeoutMs);
    const giveUp = () => late.abort(); // by hand: dependent signals of one that lives long add up
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      const [shown = event] = reveal ? await readable([event]) : [event];
      const message = webhookMessage(shown, { log, secrets: await this.#opened(), at: new Date() });
      return judgeAnswer(await this.#sender.post(url, message, late.signal), Date.now());
    } catch (error) {
      if (signal.aborted) return undefined;
      // a fault of ours, e.g. of the keys: it is kept with the message, for people to see
      if (isKirokuError(error)) return { outcome: 'failed', error: `It was not sent. ${error.code}: ${error.message}` };
      return judgeFault(late.signal.aborted ? tooLate : error, terms.timeoutMs);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
    }
  }

  stop(): Promise<void> {
    return this.#sender.stop();
  }

  /** Opened anew now and then: the secret before is used for a time only. */
  #opened(): Promise<readonly string[]> {
    const { keys, lease } = this.#options;
    const now = Date.now();
    if (this.#secrets === undefined || this.#secrets.until < now) {
      const opened = openSecrets(keys, { consumer: lease.id, secrets: lease.secrets, now });
      this.#secrets = { opened, until: now + secretsForMs };
      opened.catch(() => {
        this.#secrets = undefined;
      });
    }
    return this.#secrets.opened;
  }
}
