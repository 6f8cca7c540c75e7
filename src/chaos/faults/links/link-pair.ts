/**
 * Which links a fault on a pair of services affects: names checked against the existing links, one plan for
 * all such faults.
 */
import type { ActName } from '../../../core/acts/act-names.ts';
import type { LinkEffect, LinkState } from '../../../core/acts/link-acts.ts';
import { EVERYTHING } from '../../../core/declared-links.ts';
import { type GauntletError, usageError } from '../../../core/errors.ts';
import type { Ms } from '../../../core/units.ts';
import type { FaultPlan, Impact } from '../../fault.ts';
import { HOLD_PARAMETER, matching, parameter, parameters, parserOf } from '../../parameters.ts';
import { speakersOf } from '../../speakers.ts';
import { needActs, platformTimers, unknownName, type World } from '../../world.ts';
import { brokerIdIn, isBroker } from '../instances/broker-choice.ts';
import { crossing, impairmentId, type LinkAct, type LinkUndo, preview, undoFor } from './link-impairment.ts';
import { latencyOf } from './throttle.ts';

export type Pair = { readonly from: string; readonly to: string };

export const LINK_PERMISSIONS: readonly ActName[] = [
  'links.list',
  'links.impair',
  'links.renew',
  'links.heal',
];

/**
 * For faults that may delay: where links do not pass through a proxy, one is inserted, which needs more
 * permissions.
 */
export const DELAY_PERMISSIONS: readonly ActName[] = [...LINK_PERMISSIONS, 'links.delay'];

/** For one such fault: a bandwidth alone needs no proxy. */
export const permissionsOf = (effect: LinkEffect): readonly ActName[] =>
  latencyOf(effect) > 0 ? DELAY_PERMISSIONS : LINK_PERMISSIONS;

const ALLOWED = 'a name at one end of a link, such as web; `kafka` means kafka-1, kafka-2 and so on';

const TO_ALLOWED = `${ALLOWED}; on Docker \`${EVERYTHING}\` is all traffic of the containers of \`from\``;

const end = matching(/\S/, 'the name of a service, such as web');

export const PAIR_PARAMETERS = {
  from: parameter(end, { meaning: 'the client side', allowed: ALLOWED }),
  to: parameter(end, { meaning: 'the server side', allowed: TO_ALLOWED }),
};

/** For a fault that has only its two ends and its hold. */
export const HELD_PAIR = parameters({ ...PAIR_PARAMETERS, for: HOLD_PARAMETER });
export const parseHeldPair = parserOf(HELD_PAIR, (given): Pair & { readonly for: Ms } => given);

/**
 * @throws usage error with the existing names, when no link begins or ends there; with the links of that
 * service, when it has others.
 */
export function linksBetween(fault: string, pair: Pair, all: readonly LinkState[]): readonly LinkState[] {
  const isEnd = (name: string): boolean =>
    all.some(({ from, to }) => isMeant(name, from) || isMeant(name, to));
  const leaving = all.filter((link) => isMeant(pair.from, link.from));
  if (leaving.length === 0 && isEnd(pair.from)) throw noLink(fault, pair, all);
  if (leaving.length === 0)
    throw unknown(
      `${fault}.from`,
      pair.from,
      all.map((link) => link.from),
    );
  const found = leaving.filter((link) => isMeant(pair.to, link.to));
  if (found.length > 0) return found;
  if (isEnd(pair.to)) throw noLink(fault, pair, all);
  throw unknown(
    `${fault}.to (from ${pair.from})`,
    pair.to,
    leaving.map((link) => link.to),
  );
}

/** Both are there, and nothing says that one dials the other. */
function noLink(fault: string, { from, to }: Pair, all: readonly LinkState[]): GauntletError {
  const own = all.filter((link) => isMeant(from, link.from) || isMeant(from, link.to));
  const names = [...new Set(own.map((link) => `${link.from}->${link.to}`))];
  return usageError({
    subject: fault,
    expected: `a link of ${from}: one of ${names.join(', ')}`,
    got: `${from}->${to}`,
    next: 'Links are declared in the system file: who dials whom.',
  });
}

/** The name itself, or a member of its numbered set. */
const isMeant = (written: string, name: string): boolean => name === written || setOf(name) === written;
const setOf = (name: string): string | undefined => /^(.+)-\d+$/.exec(name)?.[1];

const unknown = (subject: string, got: string, names: readonly string[]) => {
  const known = [...new Set(names.flatMap((name) => [name, setOf(name) ?? name]))].sort();
  return unknownName(subject, 'an end of a link', got, known);
};

/** @param timers text that explains the times of this effect. */
export async function planOnPair(
  fault: string,
  pair: Pair & { readonly for: Ms },
  effect: LinkEffect,
  timers: readonly string[],
  world: World,
): Promise<FaultPlan<LinkAct, LinkUndo>> {
  const { links } = needActs(fault, world, ['links']);
  const all = await links.list();
  const touched = linksBetween(fault, pair, all);
  const id = impairmentId(fault);
  const names = touched.map((link) => link.name);
  const kafkas = speakersOf('kafka', world);
  const victim = `${pair.from}->${pair.to}`;
  const probes = crossing(touched, world);
  const forecast = await preview({ fault, links, touched, effect, probes, throughProxy: timers });
  return {
    fault,
    victim,
    victims: [victim],
    probes,
    touches: forecast.touches,
    timers: [...forecast.notes, ...platformTimers(world, pattern(touched, kafkas))],
    permissions: permissionsOf(effect),
    impact: { ...impactOf(pair, touched, all, effect, kafkas), ...forecast.impact },
    undo: { fault, data: undoFor(id, touched) },
    act: { id, links: names, effect, holdMs: pair.for },
  };
}

const pattern = (touched: readonly LinkState[], kafkas: readonly string[]): RegExp =>
  touched.some((link) => kafkas.some((one) => link.to === one || isBroker(one, link.to)))
    ? /broker|replica|session|election|quorum|kafka/i
    : /redis/i;

function impactOf(
  pair: Pair,
  touched: readonly LinkState[],
  all: readonly LinkState[],
  effect: LinkEffect,
  kafkas: readonly string[],
): Impact {
  // All that talk to it lose it as well.
  const isWhole = touched.some((link) => link.to === EVERYTHING);
  const met = isWhole
    ? all.filter((one) => isMeant(pair.from, one.from) || isMeant(pair.from, one.to))
    : touched;
  const ends = met.flatMap((link) => [link.from, link.to]).filter((name) => name !== EVERYTHING);
  // A follower that cannot fetch leaves the in-sync sets: the client side is the one that may be lost.
  const [kafka] = kafkas.filter((one) => touched.some((link) => among(one, link).length > 0));
  const followers = kafka === undefined ? [] : touched.flatMap((link) => among(kafka, link));
  return {
    services: [...new Set([pair.from, ...(isWhole ? [] : [pair.to]), ...ends])],
    killed: [],
    brokersLost: effect.kind === 'throttle' ? [] : [...new Set(followers)],
    ...(kafka !== undefined && { kafka }),
    outageAccepted: false,
  };
}

/** The broker that dials another one of its Kafka; otherwise nothing. */
const among = (kafka: string, { from, to }: LinkState): readonly number[] =>
  brokerIdIn(kafka, to) === undefined && to !== EVERYTHING ? [] : [brokerIdIn(kafka, from) ?? []].flat();
