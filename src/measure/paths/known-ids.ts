/**
 * By which other ids a request is known: a record that has both says it. Partitions are read one after
 * another, so a record may be read before the one that says to whom it belongs: it waits.
 */
export class KnownIds<Owner, Waiting> {
  readonly #isSame: (a: Owner, b: Owner) => boolean;
  readonly #names = new Map<string, IdsOfName<Owner, Waiting>>();

  constructor(isSame: (a: Owner, b: Owner) => boolean) {
    this.#isSame = isSame;
  }

  named(name: string): IdsOfName<Owner, Waiting> {
    const known = this.#names.get(name);
    if (known) return known;
    const made = new IdsOfName<Owner, Waiting>(this.#isSame);
    this.#names.set(name, made);
    return made;
  }

  /** What waits still: of others than this run, or its record was not read. */
  left(): readonly Waiting[] {
    return [...this.#names.values()].flatMap((one) => one.left());
  }

  /** By name, how many ids several requests have. */
  shared(): readonly (readonly [name: string, count: number])[] {
    return [...this.#names].flatMap(([name, { shared }]) => (shared === 0 ? [] : [[name, shared] as const]));
  }
}

/** A parcel 17 is not an order 17. */
export class IdsOfName<Owner, Waiting> {
  readonly #isSame: (a: Owner, b: Owner) => boolean;
  readonly #owners = new Map<string, Owner>();
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #shared = new Set<string>();

  constructor(isSame: (a: Owner, b: Owner) => boolean) {
    this.#isSame = isSame;
  }

  /** How many ids several requests have. */
  get shared(): number {
    return this.#shared.size;
  }

  /** @returns what waited for it. */
  learn(id: string, owner: Owner): readonly Waiting[] | undefined {
    const before = this.#owners.get(id);
    if (before === undefined) this.#owners.set(id, owner);
    else if (!this.#isSame(before, owner)) this.#shared.add(id);
    if (this.#waiting.size === 0) return undefined;
    const waiting = this.#waiting.get(id);
    if (waiting) this.#waiting.delete(id);
    return waiting;
  }

  find(id: string): Owner | undefined {
    return this.#owners.get(id);
  }

  wait(id: string, one: Waiting): void {
    const own = this.#waiting.get(id);
    if (own) own.push(one);
    else this.#waiting.set(id, [one]);
  }

  left(): readonly Waiting[] {
    return [...this.#waiting.values()].flat();
  }
}
