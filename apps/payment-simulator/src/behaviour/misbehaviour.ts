import { type Behaviour, behaviourSchema, type CallName } from './behaviour.ts';
import { drawFate, type Fate } from './fate.ts';
import { seededRandom } from './random.ts';

/** How the simulator behaves now. It is well behaved until it is told otherwise, and again after a restart. */
export class Misbehaviour {
  #behaviour = behaviourSchema.parse({});
  #random = seededRandom(this.#behaviour.seed);
  #webhookRandom = seededRandom(this.#behaviour.seed); // of its own: webhooks are sent in between, whenever the disk is done

  get behaviour(): Behaviour {
    return this.#behaviour;
  }

  /** Begins anew with the seed. */
  set behaviour(behaviour: Behaviour) {
    this.#behaviour = behaviour;
    this.#random = seededRandom(behaviour.seed);
    this.#webhookRandom = seededRandom(behaviour.seed);
  }

  fateOf(call: CallName): Fate {
    const { operations, faults } = this.#behaviour;
    return drawFate(
      operations[call] ?? (call === 'authorise' || call === 'arrange' ? faults : { ...faults, declineShare: 0 }),
      this.#random,
    );
  }

  webhookRandom(): number {
    return this.#webhookRandom();
  }
}
