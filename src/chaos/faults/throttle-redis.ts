/** Makes Redis slow for everyone: less bandwidth, more latency, on every link that leads to it. */
import type { LinkEffect } from '../../core/platform.ts';
import type { ProbeSample } from '../../core/samples.ts';
import {
  BANDWIDTH_EXPECTED,
  type BitsPerSecond,
  DURATION_EXPECTED,
  formatMs,
  type Ms,
  parseBandwidth,
  parseDuration,
} from '../../core/units.ts';
import type { Evidence, Fault, Parameter, Proof } from '../fault.ts';
import {
  impair,
  impairmentId,
  type LinkAct,
  type LinkUndo,
  linksRemoved,
  undoFor,
} from '../link-impairment.ts';
import { HOLD_PARAMETER, parseHold, SpecReader } from '../parameters.ts';
import { median, onsetOf, sayLast, together } from '../sight.ts';
import { needActs, platformTimers, unknownName } from '../world.ts';

type ThrottleSpec = {
  readonly bandwidth: BitsPerSecond | null;
  readonly latency: Ms | null;
  readonly jitter: Ms | null;
  readonly for: Ms;
};

const VICTIM = 'redis';
const ACTS = ['links'] as const;
const PERMISSIONS = ['links.list', 'links.impair', 'links.renew', 'links.heal'];
/** The Redis probe echoes this much: it crosses the link once each way. */
const PROBE_BITS = 1024 * 8;
/** How much of the predicted slowdown must be there; the rest is room for the probe's own noise. */
const SHARE = 0.8;
/** The median of so many samples in a row decides: one slow answer is noise, two of three are not. */
const WINDOW = 3;

const PARAMETERS: readonly Parameter[] = [
  {
    name: 'bandwidth',
    meaning: 'shared by all connections of all links to Redis, for each direction',
    unit: 'bandwidth',
    default: null,
    required: false,
    allowed: `${BANDWIDTH_EXPECTED}; at least one of bandwidth and latency`,
  },
  {
    name: 'latency',
    meaning: 'added once to every round trip, on the way to Redis',
    unit: 'duration',
    default: null,
    required: false,
    allowed: `${DURATION_EXPECTED}; at least one of bandwidth and latency`,
  },
  {
    name: 'jitter',
    meaning: 'spreads the latency evenly, this much to either side; seeded',
    unit: 'duration',
    default: null,
    required: false,
    allowed: `${DURATION_EXPECTED}, at most the latency`,
  },
  HOLD_PARAMETER,
];

export const throttleRedis: Fault<ThrottleSpec, LinkAct, LinkUndo> = {
  name: 'throttle-redis',
  summary: 'makes Redis slow: limits the bandwidth of its links, adds latency, or both',
  parameters: PARAMETERS,
  permissions: PERMISSIONS,
  undone:
    'The impairment is removed by its id. The proxy itself ends it when it is not renewed within the lease.',
  example: 'throttle-redis: { bandwidth: 256kbit, latency: 40ms, for: 8s }',

  parse(raw) {
    const reader = new SpecReader(raw, PARAMETERS);
    const bandwidth = reader.take('bandwidth', parseBandwidth) ?? null;
    const latency = reader.take('latency', parseDuration) ?? null;
    const jitter = reader.take('jitter', parseDuration) ?? null;
    const hold = reader.take('for', parseHold);
    if (!reader.has('bandwidth') && !reader.has('latency')) {
      reader.add('', 'at least one of bandwidth and latency', undefined);
    }
    if (bandwidth === null && latency === 0) reader.add('latency', 'a latency greater than 0', '0');
    if (jitter !== null && jitter > (latency ?? 0)) {
      reader.add('jitter', `at most the latency (${formatMs(latency ?? 0)})`, formatMs(jitter));
    }
    if (reader.problems.length > 0 || hold === undefined) return { ok: false, problems: reader.problems };
    return { ok: true, spec: { bandwidth, latency, jitter, for: hold }, holdMs: hold };
  },

  async plan(spec, world) {
    const { links } = needActs('throttle-redis', world, ACTS);
    const all = await links.list();
    const touched = all.filter((link) => link.to === VICTIM);
    if (touched.length === 0) {
      const known = [...new Set(all.map((link) => link.to))].sort();
      throw unknownName('throttle-redis', 'a link that leads to it', VICTIM, known);
    }
    const id = impairmentId('throttle-redis');
    const names = touched.map((link) => link.name);
    const effect: LinkEffect = {
      kind: 'throttle',
      ...(spec.bandwidth !== null && { bitsPerSecond: spec.bandwidth }),
      ...(spec.latency !== null && { latencyMs: spec.latency }),
      ...(spec.jitter !== null && { jitterMs: spec.jitter, seed: world.rng.below(2 ** 31) }),
    };
    return {
      fault: 'throttle-redis',
      victim: VICTIM,
      victims: [VICTIM],
      probes: [VICTIM],
      touches: names,
      timers: [
        'What queued in front of the limit drains first: held connections may lag behind fresh ones.',
        ...platformTimers(world, /redis/i),
      ],
      permissions: PERMISSIONS,
      impact: { services: [VICTIM], killed: [], brokersLost: [], outageAccepted: false },
      undo: { fault: 'throttle-redis', data: undoFor(id, touched) },
      act: { id, links: names, effect },
    };
  },

  apply: (plan, world, ttl) => impair(needActs('throttle-redis', world, ACTS).links, plan.act, ttl),
  renew: (plan, world, ttl) => needActs('throttle-redis', world, ACTS).links.renew(plan.act.id, ttl),

  expect(plan) {
    const slower = predictedMs(plan.act.effect);
    return {
      text: `both connections slower than before by at least ${formatMs(SHARE * slower)}`,
      looks: [],
      judge: (evidence) => judge(evidence, slower),
      isOver: (sample, baseline) => sample.ok && sample.tookMs < limitOf(baseline.fresh, slower),
    };
  },

  undo: (record, world) => needActs('throttle-redis', world, ACTS).links.heal(record.data.id),
  removed: (record, world) => linksRemoved(needActs('throttle-redis', world, ACTS).links, record.data),
};

/** What one round trip of the probe must lose: the latency once, and its payload through the limit each way, in ms. */
function predictedMs(effect: LinkEffect): number {
  if (effect.kind !== 'throttle') return Number.POSITIVE_INFINITY;
  const transfer = effect.bitsPerSecond === undefined ? 0 : (2 * PROBE_BITS * 1000) / effect.bitsPerSecond;
  return (effect.latencyMs ?? 0) + transfer;
}

const limitOf = (baseline: readonly ProbeSample[], slowerMs: number): number =>
  median(baseline.map((sample) => sample.tookMs)) + SHARE * slowerMs;

function judge(evidence: Evidence, slowerMs: number): Proof {
  const said = { held: sayLast(evidence.since.held), fresh: sayLast(evidence.since.fresh) };
  const connections = (['held', 'fresh'] as const).map((connection) => {
    const usual = median(evidence.baseline[connection].map((sample) => sample.tookMs));
    const limit = limitOf(evidence.baseline[connection], slowerMs);
    return {
      connection,
      usual,
      limit,
      noisy: firstSlow(evidence.baseline[connection], limit) !== undefined,
      first: firstSlow(evidence.since[connection], limit),
    };
  });
  const want = connections
    .map((one) => `${one.connection} ≥ ${formatMs(one.limit)} (median before ${formatMs(one.usual)})`)
    .join(', ');
  if (connections.some((one) => one.noisy)) {
    const evidenceText = `as slow as that before the fault: it cannot be told from noise; expected ${want}`;
    return { kind: 'not-yet', ...said, evidence: evidenceText };
  }
  const onsets = connections.flatMap((one) =>
    one.first === undefined ? [] : [onsetOf(one.first, one.connection, evidence)],
  );
  if (onsets.length < connections.length) return { kind: 'not-yet', ...said, evidence: `expected ${want}` };
  return { kind: 'seen', ...together(onsets), ...said, evidence: `slower as predicted: ${want}` };
}

/** The first sample of the first window whose median reaches the limit. */
function firstSlow(samples: readonly ProbeSample[], limitMs: number): ProbeSample | undefined {
  // An answer that is overdue at a deadline below the limit took longer than can be measured.
  const reaches = (one: ProbeSample): boolean => one.tookMs >= limitMs || one.outcome.startsWith('stalled');
  for (let end = WINDOW; end <= samples.length; end += 1) {
    const window = samples.slice(end - WINDOW, end);
    if (window.filter(reaches).length > WINDOW / 2) return window.find(reaches);
  }
  return undefined;
}
