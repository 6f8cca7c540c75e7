/** The stresses of one kind on a target: those that this process has begun, and those that others hold. */
import type { Ms } from '../../core/units.ts';
import { Mutex } from '../../system/mutex.ts';
import { cannotStart } from '../../system/stress/cannot-start.ts';
import { isThere } from '../../system/stress/own-processes.ts';
import { endHolder, type HeldStress, heldStresses } from './held-stresses.ts';
import { type StressHolder, startHolder } from './stress-holder.ts';
import type { Stresses, StressKind } from './stress-order.ts';

export class Holders<Kind extends StressKind> {
  readonly #target: string;
  readonly #kind: Kind;
  readonly #own = new Map<string, StressHolder<Kind>>();
  /** A request that arrives after its own undo must not start one. */
  readonly #ended = new Set<string>();
  readonly #turn = new Mutex();

  /** @param target its identity. */
  constructor(target: string, kind: Kind) {
    this.#target = target;
    this.#kind = kind;
  }

  /** Those of this process that still run. */
  own(): readonly StressHolder<Kind>[] {
    return [...this.#own.values()].filter(({ identity }) => isThere(identity));
  }

  /** Those of any process. */
  found(): readonly HeldStress<Kind>[] {
    return heldStresses(this.#target, this.#kind);
  }

  /** @param prepare what must be there before it begins. */
  begin(stress: Stresses[Kind], prepare: () => Promise<void> = async () => undefined): Promise<void> {
    return this.#turn.run(async () => {
      const { id } = stress;
      if (this.#ended.has(id)) throw cannotStart(stress, 'it was undone already');
      if (this.#own.has(id)) throw cannotStart(stress, 'it is active already');
      await prepare();
      this.#own.set(id, await startHolder({ target: this.#target, kind: this.#kind, stress }));
    });
  }

  async renew(id: string, ttl: Ms): Promise<boolean> {
    return (await this.#own.get(id)?.renew(ttl)) ?? false;
  }

  /** Ends its holder, whichever process has started it. @param giveBack the rest of its undo. */
  end(id: string, giveBack: () => Promise<void>): Promise<void> {
    return this.#turn.run(async () => {
      this.#ended.add(id);
      for (const one of this.found()) if (one.order.stress.id === id) endHolder(one);
      await giveBack();
      this.#own.delete(id);
    });
  }
}
