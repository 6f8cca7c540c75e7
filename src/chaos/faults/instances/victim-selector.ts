/**
 * Which of a service's instances a fault may choose: by name, owner, node, zone, or as the leader of a topic.
 * Resolved when the plan is made and again when the fault fires. A selector that matches nothing is an error
 * that lists the candidates; the guards still judge against all replicas of the service.
 */

import type { z } from 'zod';
import { reading } from '../../../config/words/word.ts';
import type { ActName } from '../../../core/acts/act-names.ts';
import type { InstanceState } from '../../../core/acts/instance-acts.ts';
import type { PlaceKind, Placement } from '../../../core/acts/placement.ts';
import { show, usageError } from '../../../core/errors.ts';
import type { Parsed } from '../../../core/units.ts';
import { matching, parameter } from '../../parameters.ts';
import { speakersOf, theService } from '../../speakers.ts';
import { unknownName, type World } from '../../world.ts';
import { resolveBroker } from './broker-choice.ts';
import { needKafkaView, needPlacement } from './selector-needs.ts';
import { brokerOf } from './victims.ts';

export type VictimSelector = {
  readonly owner: string | null;
  readonly node: string | null;
  readonly zone: string | null;
  readonly names: readonly string[] | null;
  readonly leaderOf: string | null;
};

/** With more instances than this, the rest is counted, not listed. */
const LISTED = 10;
const NAMES_ALLOWED = 'a list of instance names such as [db-0, db-2], or text with commas';
const OWNER = /^([A-Za-z]+)\/([^\s/]+)$/;
const OWNER_ALLOWED = 'kind/name, such as deployment/web or statefulset/redis';

function parseOwner(value: unknown): Parsed<string> {
  const [, kind, name] = (typeof value === 'string' ? OWNER.exec(value) : null) ?? [];
  return kind === undefined || name === undefined
    ? { ok: false, expected: OWNER_ALLOWED }
    : { ok: true, value: `${kind.toLowerCase()}/${name}` };
}

function parseNames(value: unknown): Parsed<readonly string[]> {
  const list: readonly unknown[] =
    typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value : [];
  const names = list.flatMap((one) =>
    typeof one === 'string' && /^\s*\S+\s*$/.test(one) ? [one.trim()] : [],
  );
  return names.length > 0 && names.length === list.length
    ? { ok: true, value: [...new Set(names)] }
    : { ok: false, expected: NAMES_ALLOWED };
}

const name = matching(/^\S+$/, 'a name without spaces');

/** All of them may be given: an instance must match each one. `mode` then selects how many of the matches. */
export const SELECTOR_PARAMETERS = {
  owner: parameter(reading(parseOwner, { type: 'string', pattern: OWNER.source }), {
    meaning: 'only instances that this object creates, directly or through its ReplicaSet (Kubernetes)',
    allowed: OWNER_ALLOWED,
  }).optional(),
  node: parameter(name, {
    meaning: 'only instances on this node (Kubernetes)',
    allowed: 'the name of a node',
  }).optional(),
  zone: parameter(name, {
    meaning: 'only instances on nodes of this zone (Kubernetes)',
    allowed: "the value of the nodes' label topology.kubernetes.io/zone",
  }).optional(),
  names: parameter(reading(parseNames, { type: ['array', 'string'] }), {
    meaning: 'only instances with these names',
    allowed: NAMES_ALLOWED,
  }).optional(),
  'leader-of': parameter(name, {
    meaning:
      'only the broker that leads this topic (its partition with the most records) when the fault fires',
    allowed: 'the name of a topic',
  }).optional(),
};

type Given = {
  readonly [Key in keyof typeof SELECTOR_PARAMETERS]?: z.output<(typeof SELECTOR_PARAMETERS)[Key]>;
};

/** Null for a parameter that was left out. */
export const selectorOf = (given: Given): VictimSelector => ({
  owner: given.owner ?? null,
  node: given.node ?? null,
  zone: given.zone ?? null,
  names: given.names ?? null,
  leaderOf: given['leader-of'] ?? null,
});

/** The permissions that the selection needs in addition to those of the fault. */
export const selectorPermissions = (given: VictimSelector): readonly ActName[] => [
  ...placesOf(given).map((kind) => `placement.${kind}` as const),
  ...(given.leaderOf === null ? [] : (['kafka.leaderOf', 'kafka.partitions'] as const)),
];

const placesOf = ({ owner, node, zone }: VictimSelector): readonly PlaceKind[] => [
  ...(owner === null ? [] : (['owner'] as const)),
  ...(node === null ? [] : (['node'] as const)),
  ...(zone === null ? [] : (['zone'] as const)),
];

/** ` (deployment/web, zone-1)`: for people, after the victims; empty without a selector. */
export function saySelector({ owner, node, zone, leaderOf }: VictimSelector): string {
  const said = [owner, node, zone, leaderOf === null ? null : `leader of ${leaderOf}`].flatMap(
    (one) => one ?? [],
  );
  return said.length === 0 ? '' : ` (${said.join(', ')})`;
}

interface Seen {
  readonly state: InstanceState;
  readonly place: Placement | null;
}

/**
 * The matching instances of a service.
 * @throws usage when none matches, with the candidates; refused when the platform has no such data.
 */
export async function selectFrom(
  fault: string,
  given: VictimSelector,
  ofService: readonly InstanceState[],
  world: World,
): Promise<readonly InstanceState[]> {
  const places = placesOf(given);
  const placement = needPlacement(fault, places, world);
  const found = placement === null ? null : await placement.of(ofService, places);
  const all = ofService.map((state, index): Seen => ({ state, place: found?.[index] ?? null }));
  const service = ofService[0]?.service ?? '';
  const matches: ((one: Seen) => boolean)[] = [];
  const want = (
    key: string,
    what: string,
    wanted: readonly string[],
    of: (one: Seen) => readonly string[],
  ) => {
    const known = [...new Set(all.flatMap(of))].sort();
    const strange = wanted.find((one) => !known.includes(one));
    if (strange !== undefined) throw unknownName(`${fault}.${key}`, `${what} of ${service}`, strange, known);
    matches.push((one) => of(one).some((value) => wanted.includes(value)));
  };
  if (given.names !== null) want('names', 'an instance', given.names, (one) => [one.state.instance]);
  if (given.owner !== null) want('owner', 'an owner', [given.owner], (one) => one.place?.owners ?? []);
  if (given.node !== null) want('node', 'a node', [given.node], (one) => listed(one.place?.node));
  if (given.zone !== null) want('zone', 'a zone', [given.zone], (one) => listed(one.place?.zone));
  if (given.leaderOf !== null) matches.push(await leads(fault, given.leaderOf, ofService, world));
  const meant = all.filter((one) => matches.every((isMeant) => isMeant(one)));
  if (meant.length === 0) throw nobodyMeant(fault, given, all);
  return meant.map((one) => one.state);
}

const listed = (value: string | null | undefined): readonly string[] => (value == null ? [] : [value]);

/** The broker that currently leads the topic's partition with the most records. */
async function leads(
  fault: string,
  topic: string,
  ofService: readonly InstanceState[],
  world: World,
): Promise<(one: Seen) => boolean> {
  const service = kafkaOfVictims(fault, ofService, world);
  const kafka = needKafkaView(fault, service, world);
  const { id } = await resolveBroker(fault, service, { kind: 'leader', topic }, kafka, 'leader-of');
  if (!ofService.some((one) => brokerOf(one, service).includes(id))) {
    throw usageError({
      subject: `${fault}.leader-of`,
      expected: `a service with broker ${id}, which leads ${topic}`,
      got: `${ofService[0]?.service} (${sayList(ofService.map((one) => one.instance))})`,
      next: `A broker is identified by its name: ${service}-N, or a pod of a service named ${service}… that ends in -N.`,
    });
  }
  return ({ state }) => brokerOf(state, service).includes(id);
}

/** The Kafka that the victims are a part of; otherwise the only one. */
function kafkaOfVictims(fault: string, ofService: readonly InstanceState[], world: World): string {
  const own = speakersOf('kafka', world).find((name) =>
    ofService.some((one) => brokerOf(one, name).length > 0),
  );
  return own ?? theService(fault, 'kafka', undefined, world);
}

/** Each condition is met by some instance, but no instance meets all. */
function nobodyMeant(fault: string, given: VictimSelector, all: readonly Seen[]) {
  const wished = [
    ...(given.names ?? []).slice(0, LISTED),
    ...[given.owner, given.node, given.zone].flatMap((one) => one ?? []),
  ];
  const leader = given.leaderOf === null ? [] : [`leader of ${given.leaderOf}`];
  const seen = all.map(({ state, place }) => {
    const where =
      place === null ? [] : [...place.owners.slice(-1), ...listed(place.node), ...listed(place.zone)];
    return where.length === 0 ? state.instance : `${state.instance} (${where.join(', ')})`;
  });
  return usageError({
    subject: fault,
    expected: `an instance that matches all of ${[...wished, ...leader].map(show).join(', ')}`,
    got: sayList(seen),
  });
}

const sayList = (names: readonly string[]): string =>
  names.length <= LISTED
    ? names.join(', ')
    : `${names.slice(0, LISTED).join(', ')} and ${names.length - LISTED} more`;
