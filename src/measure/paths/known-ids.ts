/**
 * By which other ids a request is known: a record that has both says it. Partitions are read one after
 * another, so a record may be read before the one that says to whom it belongs: it waits.
 */
export class KnownIds<Owner, Waiting> {
  readonly #isSame: (a: Owner, b: Owner) => boolean;
  readonly #owners = new Map<string, Map<string, Owner>>();
  readonly #waiting = new Map<string, Map<string, Waiting[]>>();
  readonly #shared = new Map<string, Set<string>>();

  constructor(isSame: (a: Owner, b: Owner) => boolean) {
    this.#isSame = isSame;
  }

  /** @returns what waited for it. */
  learn(name: string, id: string, owner: Owner): readonly Waiting[] {
    const known = inside(this.#owners, name, () => new Map<string, Owner>());
    const before = known.get(id);
    if (before === undefined) known.set(id, owner);
    else if (!this.#isSame(before, owner)) inside(this.#shared, name, () => new Set<string>()).add(id);
    const waiting = this.#waiting.get(name)?.get(id) ?? [];
    this.#waiting.get(name)?.delete(id);
    return waiting;
  }

  find(name: string, id: string): Owner | undefined {
    return this.#owners.get(name)?.get(id);
  }

  wait(name: string, id: string, one: Waiting): void {
    const own = inside(this.#waiting, name, () => new Map<string, Waiting[]>());
    inside(own, id, (): Waiting[] => []).push(one);
  }

  /** What waits still: of others than this run, or its record was not read. */
  left(): readonly Waiting[] {
    return [...this.#waiting.values()].flatMap((one) => [...one.values()].flat());
  }

  /** By name, how many ids several requests have. */
  shared(): readonly (readonly [name: string, count: number])[] {
    return [...this.#shared].map(([name, ids]) => [name, ids.size]);
  }
}

function inside<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
