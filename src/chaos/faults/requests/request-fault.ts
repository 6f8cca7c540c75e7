/**
 * The common parts of faults on requests: their links and probes, the proof by the proxy's own count of
 * requests, and the undo.
 */

import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { ActName } from '../../../core/acts/act-names.ts';
import type { HttpActs, HttpFault } from '../../../core/acts/http-acts.ts';
import { literal } from '../../../core/literal.ts';
import { isStalled, type ProbeSample } from '../../../core/samples.ts';
import { speaking } from '../../../core/topology.ts';
import { type EpochMs, epochMs, formatMs, type Ms, ms } from '../../../core/units.ts';
import type { Evidence, Fault, FaultPlan, Proof, RemovalState } from '../../fault.ts';
import { median, type Onset, onsetOf, type ProbeView, sayLast, together } from '../../observation.ts';
import { idShape } from '../../undo-shapes.ts';
import { needActs, platformTimers, unknownName, type World } from '../../world.ts';
import { refuseTls } from './refuse-tls.ts';
import type { RequestSpec } from './request-spec.ts';

/** The whole fault except its lease, and the probes that can observe it. */
export type RequestPlan = Omit<HttpFault, 'ttlMs'> & {
  /** A probe crosses these links. */
  readonly watched: boolean;
  /** Every request of that probe is affected: then both of its connections must show it. */
  readonly probed: boolean;
};

export type RequestUndo = {
  readonly id: string;
  readonly links: readonly string[];
  /** Other clients' faults from before, which are not ours to end. */
  readonly before: readonly string[];
};

const undoShape = z.object({ id: idShape, links: z.array(z.string()), before: z.array(z.string()) });

/** The share of the delay that must be observed; the rest allows for the probe's own noise. */
const SHARE = 0.8;

const ACTS = ['links', 'http'] as const;
export const REQUEST_PERMISSIONS: readonly ActName[] = [
  'links.list',
  'http.list',
  'http.put',
  'http.renew',
  'http.end',
];

/** For `gauntlet faults`. */
export const REQUEST_PROOF =
  'The proxy counts at least one selected request that was affected. When the fault selects every request of a probe, its held and its ' +
  'fresh connection must both get the status, or an answer that is late by at least 80% of the delay minus the jitter.';

/** Whether a probe's answer is the status of the fault. */
type HasStatus = (sample: ProbeSample, plan: RequestPlan) => boolean;

export interface RequestQuestion {
  readonly fault: string;
  /** The service at the end of the links. */
  readonly service: string;
  readonly spec: RequestSpec;
  readonly chosen: Pick<HttpFault, 'protocol' | 'method' | 'path' | 'rpc'>;
  /** The probe's own request is among the selected ones. */
  readonly hasProbe: boolean;
  readonly timers: readonly string[];
}

/** Settings under the name of one of these services, such as `web request timeout`. */
const ofServices = (names: readonly string[]): RegExp =>
  new RegExp(`^(?:${names.map(literal).join('|')})\\b`, 'i');

/**
 * The service that a fault on requests is for.
 * @param given null: the first one of the protocol.
 * @throws usage with the services that speak it.
 */
export function serviceSpeaking(
  fault: string,
  protocol: 'http' | 'grpc',
  given: string | null,
  { platform: { topology } }: World,
): string {
  const { declared = [] } = topology;
  // Also one without an address: its links are there.
  const said = declared.filter((one) => one.protocols.includes(protocol)).map((one) => one.name);
  const known = [...new Set([...said, ...speaking(topology, protocol).map((one) => one.name)])];
  const [first] = known;
  if (given === null && first !== undefined) return first;
  const isThere = [...declared, ...topology.services].some((one) => one.name === given);
  const isOther = isThere && !known.includes(given ?? '');
  // One that the system does not know may still have links; planRequests knows those.
  if (given !== null && !isOther) return given;
  const words = protocol === 'http' ? 'HTTP' : 'gRPC';
  throw unknownName(`${fault}.service`, `a service that speaks ${words}`, given, known);
}

/** @throws usage error with the known names, when no client uses this service; refused for TLS. */
export async function planRequests(
  world: World,
  { fault, service, spec, chosen, hasProbe, timers }: RequestQuestion,
): Promise<FaultPlan<RequestPlan, RequestUndo>> {
  const { links, http } = needActs(fault, world, ACTS);
  refuseTls(fault, service, chosen.protocol, world.platform.topology);
  const all = await links.list();
  const leading = all.filter((link) => link.to === service);
  if (leading.length === 0) {
    const known = [...new Set(all.map((link) => link.to))].sort();
    throw unknownName(`${fault}.service`, 'a service that links lead to', service, known);
  }
  const touched = leading.filter((link) => spec.from === null || link.from === spec.from);
  if (touched.length === 0) {
    const known = [...new Set(leading.map((link) => link.from))].sort();
    throw unknownName(`${fault}.from`, `a client of ${service}`, spec.from, known);
  }
  const names = touched.map((link) => link.name);
  const watched = touched.some((link) => link.from === 'probe');
  const id = `${fault}-${randomUUID()}`;
  const victim = `requests to ${service}`;
  const forecast = await http.preview?.(names);
  const pods = forecast?.instances;
  return {
    fault,
    victim,
    victims: [victim],
    probes: watched ? [service] : [],
    touches: [...names, ...(pods ?? []).map((one) => one.instance)],
    timers: [
      ...timers,
      ...(forecast?.notes ?? []),
      ...platformTimers(world, ofServices([service, ...touched.map((one) => one.from)])),
    ],
    permissions: REQUEST_PERMISSIONS,
    impact: {
      services: [service],
      killed: [],
      brokersLost: [],
      outageAccepted: false,
      ...(pods && { instances: pods }),
    },
    undo: { fault, data: { id, links: names, before: (await http.list()).map((one) => one.id) } },
    act: {
      id,
      links: names,
      ...chosen,
      share: spec.share,
      seed: world.rng.below(2 ** 31),
      ...(spec.status !== null && { status: spec.status }),
      ...(spec.delay !== null && { delayMs: spec.delay }),
      ...(spec.jitter !== null && { jitterMs: spec.jitter }),
      watched,
      probed: watched && hasProbe && spec.share === 1,
    },
  };
}

/** The acts of such a fault: everything except its name, its parameters and its plan. */
export const requestVerbs = (
  fault: string,
  hasStatus: HasStatus,
): Pick<
  Fault<unknown, RequestPlan, RequestUndo>,
  'apply' | 'renew' | 'expect' | 'undoShape' | 'undo' | 'removed'
> => ({
  apply({ act: { watched: _watched, probed: _probed, ...rule } }, world, ttl) {
    return needActs(fault, world, ACTS).http.put({ ...rule, ttlMs: ttl });
  },
  renew: (plan, world, ttl) => needActs(fault, world, ['http']).http.renew(plan.act.id, ttl),
  expect: ({ act }) => ({
    text: `requests are ${doneTo(act)}${act.probed ? ', those of both probe connections too' : ', by the count of the proxy'}`,
    observe: ['requests'],
    judge: (evidence) => judge(act, hasStatus, evidence),
    isOver: (sample, baseline) => sample.ok && (!act.probed || !isLate(act, sample, baseline.fresh)),
  }),
  undoShape,
  undo: (record, world) => needActs(fault, world, ['http']).http.end(record.data.id),
  removed: (record, world) => requestsFree(needActs(fault, world, ['http']).http, record.data),
});

/** Gone when ours is nowhere, and no link has another one that it did not have before. */
async function requestsFree(http: HttpActs, undo: RequestUndo): Promise<RemovalState> {
  const { id, links, before } = undo;
  const now = await http.list();
  if (now.some((one) => one.id === id)) return { gone: false, evidence: `${id} is still in place` };
  const foreign = now
    .filter((one) => !before.includes(one.id) && one.links.some((link) => links.includes(link)))
    .map((one) => one.id);
  if (foreign.length > 0)
    return { gone: false, evidence: `not as before: put meanwhile ${foreign.join(', ')}` };
  return { gone: true, evidence: `${id} is gone, requests as before` };
}

function doneTo({ status, delayMs, share }: RequestPlan): string {
  const what = [
    ...(delayMs === undefined ? [] : [`delayed by ${formatMs(delayMs)}`]),
    ...(status === undefined ? [] : [`answered with status ${status}`]),
  ].join(' and ');
  return share === 1 ? what : `${what} (${Number((share * 100).toFixed(2))}% of them)`;
}

function judge(act: RequestPlan, hasStatus: HasStatus, evidence: Evidence): Proof {
  const { held, fresh } = evidence.since;
  const said = act.watched
    ? { held: sayLast(held), fresh: sayLast(fresh) }
    : { held: 'no probe', fresh: 'no probe' };
  const counted = firstHit(act.id, evidence);
  if (counted.kind === 'not-yet') return { kind: 'not-yet', ...said, evidence: counted.text };
  if (!act.probed) {
    // The count decides, but the receipt also shows what a separate client observed.
    const isTold = !act.watched || (held.length > 0 && fresh.length > 0);
    if (!isTold) return { kind: 'not-yet', ...said, evidence: `${counted.text}; no probe answered yet` };
    return { kind: 'seen', at: counted.at, boundMs: counted.boundMs, ...said, evidence: counted.text };
  }
  const onsets = (['held', 'fresh'] as const).flatMap((connection): Onset[] => {
    const first = evidence.since[connection].find((one) =>
      act.status === undefined ? isLate(act, one, evidence.baseline[connection]) : hasStatus(one, act),
    );
    return first === undefined ? [] : [onsetOf(first, connection, evidence)];
  });
  if (onsets.length < 2) {
    const text = `${counted.text}; expected both probe connections to be ${doneTo(act)}`;
    return { kind: 'not-yet', ...said, evidence: text };
  }
  return { kind: 'seen', ...together(onsets), ...said, evidence: counted.text };
}

type Counted =
  | { readonly kind: 'not-yet'; readonly text: string }
  | { readonly kind: 'hit'; readonly at: EpochMs; readonly boundMs: Ms; readonly text: string };

/** The proxy's first answer that counts a hit, and the gap to the previous answer. */
function firstHit(id: string, { appliedAt, snapshots }: Evidence): Counted {
  let previous = appliedAt;
  let requests = 0;
  for (const snapshot of snapshots) {
    const state = snapshot.requests?.find((one) => one.id === id);
    if (state === undefined) continue;
    if (state.hits > 0) {
      const text = `${state.hits} of ${state.requests} selected requests were affected by then`;
      return { kind: 'hit', at: epochMs(snapshot.at), boundMs: ms(snapshot.at - previous), text };
    }
    requests = state.requests;
    previous = snapshot.at;
  }
  const failed = snapshots.at(-1)?.failed;
  const why = failed === undefined ? '' : `; the proxy gives no count: ${failed}`;
  return { kind: 'not-yet', text: `expected an affected request, ${requests} were selected so far${why}` };
}

function isLate(act: RequestPlan, sample: ProbeSample, baseline: ProbeView['held']): boolean {
  if (act.delayMs === undefined) return false;
  const usual = median(baseline.map((one) => one.tookMs));
  const least = SHARE * (act.delayMs - (act.jitterMs ?? 0));
  return isStalled(sample) || sample.tookMs >= usual + least;
}
