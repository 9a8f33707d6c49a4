import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { KirokuError } from '@kiroku/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CallName } from '../behaviour/behaviour.ts';
import { type Fate, wishedFate } from '../behaviour/fate.ts';
import type { Misbehaviour } from '../behaviour/misbehaviour.ts';

/** Gives each call its fate: answers it properly, or not. */
export class Answering {
  readonly #misbehaviour: Misbehaviour;
  readonly #stopping = new AbortController();
  readonly #hanging = new Set<FastifyReply>();

  constructor(misbehaviour: Misbehaviour) {
    this.#misbehaviour = misbehaviour;
    setMaxListeners(0, this.#stopping.signal); // one for each call that is delayed
  }

  /** Ends delays and calls that are never answered when the server stops. */
  endWith(app: FastifyInstance): void {
    app.addHook('preClose', async () => {
      this.#stopping.abort();
      for (const reply of this.#hanging) reply.raw.destroy();
    });
  }

  /**
   * `take` makes the call take effect and returns the answer; it gets the code with which the call is to be declined, if it is. Returns
   * `undefined` if the call is not answered, or has been.
   */
  async answer<T>(
    { request, reply, call }: { readonly request: FastifyRequest; readonly reply: FastifyReply; readonly call: CallName },
    take: (declineCode: string | undefined) => Promise<T> | T,
  ): Promise<T | undefined> {
    const { delayMs, declineCode, fault } = this.#fateOf(request, call);
    if (fault?.kind === 'hang') return this.#hang(reply);
    if (delayMs > 0) await this.#delay(delayMs);
    if (fault?.kind === 'error') return fail(reply, fault.status);
    const answer = await take(declineCode);
    return fault?.kind === 'lost' ? lose(reply) : answer;
  }

  #fateOf(request: FastifyRequest, call: CallName): Fate {
    const header = request.headers['x-simulate'];
    if (header === undefined) return this.#misbehaviour.fateOf(call);
    const fate = wishedFate(String(header));
    if (fate !== undefined) return fate;
    throw new KirokuError('BadRequest', 'The header x-simulate is not a list of delay=MS, decline=Code, hang, error=5xx and lost.');
  }

  #hang(reply: FastifyReply): undefined {
    reply.hijack();
    this.#hanging.add(reply);
    reply.raw.once('close', () => this.#hanging.delete(reply));
  }

  async #delay(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopping.signal }).catch(() => {
      throw new KirokuError('Stopping', 'The simulator stops before the delay is over; nothing took effect.');
    });
  }
}

/** As something between the caller and the service would answer: not in the service's words. */
function fail(reply: FastifyReply, status: number): undefined {
  reply.hijack();
  reply.raw.writeHead(status, { 'content-type': 'text/plain' }).end('A simulated fault.\n');
}

function lose(reply: FastifyReply): undefined {
  reply.hijack();
  reply.raw.destroy();
}
