/** The sides of a Kafka partition, and the links between them. */

import type { LinkState } from '../../../core/acts/link-acts.ts';
import { usageError } from '../../../core/errors.ts';
import type { Rng } from '../../../core/rng.ts';
import { brokerName, type ChosenBroker, isBroker } from '../instances/broker-choice.ts';

/**
 * The role of the chosen broker in the partition: cut off alone, in the smaller part, in the larger part, or
 * the only one that still reaches both of two parts that cannot reach each other.
 */
export const SHAPES = ['alone', 'minority', 'majority', 'bridge'] as const;
export type Shape = (typeof SHAPES)[number];

/** Two parts that cannot reach each other; a bridge is in neither. Broker ids, ascending. */
export interface Sides {
  /** The smaller part, or the first of two equal ones: never half of all brokers. */
  readonly away: readonly number[];
  readonly rest: readonly number[];
}

/** With fewer brokers a part smaller than half would be empty. */
const FEWEST_BROKERS = 3;

/** @throws usage error when there are too few brokers for parts. */
export function sidesOf(shape: Shape, broker: number, ids: readonly number[], rng: Rng): Sides {
  const others = ids.filter((id) => id !== broker);
  if (shape === 'alone') return sides([broker], others);
  if (ids.length < FEWEST_BROKERS) {
    throw usageError({
      subject: 'partition-kafka.shape',
      expected: `at least ${FEWEST_BROKERS} brokers for a ${shape}`,
      got: String(ids.length),
    });
  }
  // Less than half: the other part keeps a quorum.
  const small = Math.floor((ids.length - 1) / 2);
  const drawn = (count: number): readonly number[] => {
    const left = [...others];
    return Array.from({ length: count }, () => left.splice(rng.below(left.length), 1)).flat();
  };
  const away = shape === 'minority' ? [broker, ...drawn(small - 1)] : drawn(small);
  const rest = (shape === 'bridge' ? others : ids).filter((id) => !away.includes(id));
  return sides(away, rest);
}

const ascending = (ids: readonly number[]): readonly number[] => [...ids].sort((a, b) => a - b);
const sides = (away: readonly number[], rest: readonly number[]): Sides => ({
  away: ascending(away),
  rest: ascending(rest),
});

/** The victim for people: which brokers are cut off, and the role of the chosen one. */
export function describeShape(shape: Shape, broker: ChosenBroker, { away, rest }: Sides): string {
  const namesOf = (ids: readonly number[]): string =>
    ids.map((id) => brokerName(broker.service, id)).join(', ');
  if (shape === 'alone') return broker.text;
  if (shape === 'minority') return `${namesOf(away)} as the minority, in it ${broker.text}`;
  if (shape === 'majority') return `${namesOf(away)} as the minority, in the majority ${broker.text}`;
  return `${namesOf(away)} from ${namesOf(rest)}, as the bridge ${broker.text}`;
}

export interface SideLinks {
  /** From clients (including probes) to a member of `away`; part of `toward`. */
  readonly clients: readonly LinkState[];
  /** To a member of `away`: bytes to the server go to the side that is cut off. */
  readonly toward: readonly LinkState[];
  /** From a member of `away`. */
  readonly outward: readonly LinkState[];
}

/**
 * @param from which links to `away`: from clients (including probes), from the other side's brokers, or both.
 */
export function linksBetweenSides(
  all: readonly LinkState[],
  service: string,
  { away, rest }: Sides,
  from: 'clients' | 'brokers' | 'both',
): SideLinks {
  const isIn = (side: readonly number[], name: string): boolean =>
    side.some((id) => brokerName(service, id) === name);
  const clients =
    from === 'brokers' ? [] : all.filter((link) => isIn(away, link.to) && !isBroker(service, link.from));
  const dialling = all.filter((link) => isIn(away, link.to) && isIn(rest, link.from));
  const dialled = all.filter((link) => isIn(away, link.from) && isIn(rest, link.to));
  return {
    clients,
    toward: [...clients, ...(from === 'clients' ? [] : dialling)],
    outward: from === 'clients' ? [] : dialled,
  };
}
