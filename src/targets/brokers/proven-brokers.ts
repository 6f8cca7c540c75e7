/**
 * Which broker is which instance, proven by Kafka itself: the broker that answers at an address that one
 * instance alone serves, or that Kafka names for such an address. Nothing is taken from names or numbers of
 * instances. Pure.
 */
import { addressOf, formatAddress } from '../../core/address.ts';
import type { Problem } from '../../core/errors.ts';
import type { BrokerAnswer } from './broker-answers.ts';

/** What may be a broker. */
export interface Place {
  /** For people. */
  readonly name: string;
  serves(host: string, port: number): boolean;
}

/** How instances are called here, and what to do where none fits. */
export interface PlaceWords {
  /** `a container`. */
  readonly one: string;
  readonly noneFits: string;
}

export interface Proven<P extends Place> {
  readonly found: ReadonlyMap<number, P>;
  /** Each broker that is none of them, with the reason. */
  readonly problems: readonly Problem[];
}

/** Those of more candidates are counted, not listed. */
const LISTED = 5;

/** @param service the Kafka. */
export function provenBrokers<P extends Place>(
  service: string,
  answers: readonly BrokerAnswer[],
  places: readonly P[],
  words: PlaceWords,
): Proven<P> {
  const ids = idsIn(answers);
  const mistaken = mislabelled(service, answers);
  const wrong = new Set(mistaken.flatMap((one) => one.ids));
  const single = new Map<number, P>();
  const problems: Problem[] = mistaken.map((one) => one.problem);
  for (const id of ids.filter((one) => !wrong.has(one))) {
    const found = placeOf(id, answers, places);
    if ('place' in found) single.set(id, found.place);
    else problems.push(problemOf({ service, id }, found, places, words));
  }
  const found = new Map(single);
  for (const [id, place] of single) {
    const others = [...single].filter(([other, one]) => other !== id && one === place);
    if (others.length === 0) continue;
    found.delete(id);
    const got = `${place.name}, which also serves ${others.map(([other]) => `${service}-${other}`).join(', ')}`;
    const next = 'Each broker advertises an address of its own (advertised.listeners).';
    problems.push({ subject: `${service}-${id}`, expected: `${words.one} of its own`, got, next });
  }
  return { found, problems: [...problems, ...silent(service, answers, [...ids, ...wrong])] };
}

/** Every broker that answers, or that one names. */
export const idsIn = (answers: readonly BrokerAnswer[]): readonly number[] =>
  [
    ...new Set(
      answers.flatMap(({ own, brokers }) => [
        ...brokers.map((one) => one.nodeId),
        ...(own === null ? [] : [own]),
      ]),
    ),
  ].sort((a, b) => a - b);

type Found<P> =
  | { readonly place: P }
  | { readonly addresses: readonly string[]; readonly candidates: readonly P[] };

function placeOf<P extends Place>(
  id: number,
  answers: readonly BrokerAnswer[],
  places: readonly P[],
): Found<P> {
  const answering = answers.filter((one) => one.own === id).map((one) => addressOf(one.address));
  const advertised = answers
    .flatMap((one) => one.brokers)
    .filter((one) => one.nodeId === id)
    .map(({ host, port }) => ({ host, port }));
  const at = (some: typeof answering): readonly P[] =>
    places.filter((place) => some.some(({ host, port }) => place.serves(host, port)));
  const [byAnswer, byName] = [at(answering), at(advertised)];
  // A name that several share is no contradiction to the one that answers.
  const isDenied = byName.length > 0 && !byName.some((one) => byAnswer.includes(one));
  const candidates = byAnswer.length === 0 ? byName : isDenied ? [...byAnswer, ...byName] : byAnswer;
  const [place, ...more] = candidates;
  if (place !== undefined && more.length === 0) return { place };
  const addresses = [...new Set([...advertised, ...answering].map(formatAddress))];
  return { addresses, candidates };
}

function problemOf<P extends Place>(
  { service, id }: { readonly service: string; readonly id: number },
  { addresses, candidates }: Extract<Found<P>, { addresses: unknown }>,
  places: readonly P[],
  { one, noneFits }: PlaceWords,
): Problem {
  const subject = `${service}-${id}`;
  const expected = `${one} that serves ${addresses.join(' or ')}`;
  if (candidates.length === 0) {
    const known = places.length === 0 ? 'none that runs' : `none of ${listed(places)}`;
    return { subject, expected, got: known, next: noneFits };
  }
  const next = 'Each broker advertises an address that leads to it alone (advertised.listeners).';
  return { subject, expected: `${expected} alone`, got: listed(candidates), next };
}

const listed = (places: readonly Place[]): string => {
  const names = places.slice(0, LISTED).map((one) => one.name);
  return [...names, ...(places.length > LISTED ? [`${places.length - LISTED} more`] : [])].join(', ');
};

/** Then a fault on one broker would be judged by the answers of another one. */
function mislabelled(
  service: string,
  answers: readonly BrokerAnswer[],
): readonly { readonly problem: Problem; readonly ids: readonly number[] }[] {
  return answers.flatMap(({ id, own, address }) => {
    if (own === null || own === id) return [];
    const next = `Write { id: ${own}, address: "${address}" } under services.${service}.address.`;
    const problem = {
      subject: `${service}-${id}`,
      expected: `broker ${id} at ${address}, as the target file has it`,
      got: `broker ${own}`,
      next,
    };
    return [{ problem, ids: [id, own] }];
  });
}

/** Those of the target file that nobody names: they do not run. */
const silent = (
  service: string,
  answers: readonly BrokerAnswer[],
  known: readonly number[],
): readonly Problem[] =>
  answers
    .filter(({ id }) => !known.includes(id))
    .map(({ id, address, failed }) => ({
      subject: `${service}-${id}`,
      expected: `a broker ${id} at ${address}`,
      got: failed ?? `brokers ${idsIn(answers).join(', ')}`,
    }));
