import { setImmediate as endOfTurn } from 'node:timers/promises';

interface Waiting<Call, Answer> {
  readonly call: Call;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** Two: one is on its way while the answer to the other is taken apart. */
const mostOnTheirWay = 2;
const mostTogether = 100;

/** Calls that are made at the same time share a statement: while some are on their way, the next are collected. A lone one does not wait. */
export class GatheredCalls<Call, Answer> {
  readonly #make: (calls: readonly Call[]) => Promise<readonly Answer[]>;
  #waiting: Waiting<Call, Answer>[] = [];
  #onTheirWay = 0;
  #gathering = false;

  /** `make` answers each of the calls, in their order. */
  constructor(make: (calls: readonly Call[]) => Promise<readonly Answer[]>) {
    this.#make = make;
  }

  call(call: Call): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ call, resolve, reject });
      void this.#gather();
    });
  }

  async #gather(): Promise<void> {
    if (this.#gathering) return;
    this.#gathering = true;
    await endOfTurn(); // what is called in the same turn of the event loop, by requests that were read together, goes together
    this.#gathering = false;
    while (this.#waiting.length > 0 && this.#onTheirWay < mostOnTheirWay) void this.#send(this.#waiting.splice(0, mostTogether));
  }

  async #send(taken: readonly Waiting<Call, Answer>[]): Promise<void> {
    this.#onTheirWay++;
    try {
      const answers = await this.#make(taken.map(({ call }) => call));
      for (const [index, { resolve }] of taken.entries()) resolve(answers[index] as Answer); // there is one for each
    } catch (error) {
      for (const { reject } of taken) reject(error);
    } finally {
      this.#onTheirWay--;
      void this.#gather();
    }
  }
}
