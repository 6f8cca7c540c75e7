/**
 * Kills an instance and then each successor as soon as it is ready, so that the service never settles and the
 * platform's back-off grows. The kills happen at the renewals of the lease: without a harness the storm
 * stops.
 */

import { reading } from '../../../config/words/word.ts';
import type { InstanceActs, InstanceState } from '../../../core/acts/instance-acts.ts';
import { describeVictims, isSameVictim } from '../../../core/topology.ts';
import type { Ms, Parsed } from '../../../core/units.ts';
import type { Fault, RemovalState } from '../../fault.ts';
import { HOLD_PARAMETER, parameter, parameters, parserOf } from '../../parameters.ts';
import { needActs, type World } from '../../world.ts';
import { KILL_PROOF } from './kill-proof.ts';
import { type KillUndo, killUndoShape, readyStamp } from './kill-removal.ts';
import { KILL_PERMISSIONS, killPlan, killVerbs } from './kill-verbs.ts';
import { notReadyAgain, sayReady } from './ready-again.ts';
import { needPlacement } from './selector-needs.ts';
import { isSuccessor, judgeStorm, type StormAct } from './storm-proof.ts';
import {
  SELECTOR_PARAMETERS,
  saySelector,
  selectFrom,
  selectorOf,
  selectorPermissions,
  type VictimSelector,
} from './victim-selector.ts';
import {
  draw,
  instancesOf,
  MODE_PARAMETER,
  type Mode,
  OUTAGE_PARAMETER,
  serviceParameter,
} from './victims.ts';

type StormSpec = {
  readonly service: string;
  readonly mode: Mode;
  readonly selector: VictimSelector;
  readonly times: number | null;
  readonly acceptOutage: boolean;
  readonly for: Ms;
};

const NAME = 'restart-storm';
const ACTS = ['instances'] as const;
const TIMES_ALLOWED = 'a whole number of at least 2';

const PARAMETERS = parameters({
  service: serviceParameter('killed again and again'),
  mode: MODE_PARAMETER,
  ...SELECTOR_PARAMETERS,
  times: parameter(reading(parseTimes, { type: ['integer', 'string'], minimum: 2 }), {
    meaning: 'the maximum number of kills, including the first; the fault is still held for its time',
    allowed: `${TIMES_ALLOWED}; default: as many as fit into the time`,
  }).optional(),
  'accept-outage': OUTAGE_PARAMETER,
  for: HOLD_PARAMETER,
});

export const restartStorm: Fault<StormSpec, StormAct, KillUndo> = {
  name: NAME,
  summary: 'kills instances of a service, and their successors each time they are ready again',
  parameters: PARAMETERS,
  permissions: KILL_PERMISSIONS,
  proof: `${KILL_PROOF} A successor of it must be gone too: one kill is no storm.`,
  undone:
    'There is nothing to undo: the platform starts the last successor. Gauntlet looks for successors at each renewal of the ' +
    'lease (three times in 3 s), so the storm ends with the harness. It counts as removed when as many instances are ' +
    'ready as before.',
  limits:
    'owner, node, zone, names and leader-of choose the first victims; their successors are victims wherever they ' +
    'start (with owner: only those of the same owner).',
  example: 'restart-storm: { service: orders, for: 10s }',

  parse: parserOf(
    PARAMETERS,
    ({ service, mode, times, for: hold, ...given }): StormSpec => ({
      ...{ service, mode, times: times ?? null, for: hold },
      selector: selectorOf(given),
      acceptOutage: given['accept-outage'],
    }),
  ),

  async plan(spec, world) {
    const { service, times, acceptOutage: outageAccepted } = spec;
    const ofService = await instancesOf(NAME, service, world);
    const meant = await selectFrom(NAME, spec.selector, ofService, world);
    const chosen = draw(meant, spec.mode, world.rng);
    const killing = { fault: NAME, service, signal: 'SIGKILL', outageAccepted, ofService, chosen } as const;
    const plan = await killPlan(killing, world);
    const { known } = plan.undo.data;
    const timers = [
      'A successor must be ready within the time for the proof (5 s): one kill is no storm, and is reported as not injected.',
      ...plan.timers,
    ];
    return {
      ...plan,
      victim: `${plan.victim}${saySelector(spec.selector)}`,
      permissions: [...plan.permissions, ...selectorPermissions(spec.selector)],
      timers,
      act: { ...plan.act, service, known, times, owner: spec.selector.owner },
    };
  },

  apply: (plan, world, ttl) => killVerbs(NAME).apply(plan, world, ttl),

  async renew({ act }, world) {
    const { instances } = needActs(NAME, world, ACTS);
    const born = (await instances.list(act.service)).filter((one) => one.ready && isSuccessor(one, act));
    const ready = await ofOwner(act.owner, born, world);
    const left = act.times === null ? ready.length : act.times - (await killsSoFar(instances, act));
    for (const one of ready.slice(0, Math.max(0, left))) await instances.signal(one, 'SIGKILL');
    return true;
  },

  expect: (plan) => ({
    text: 'the victim is gone, and a successor of it is gone again',
    observe: ['instances'],
    judge: (evidence) => judgeStorm(plan.act, plan.probes.length > 0, evidence),
  }),

  undoShape: killUndoShape,
  undo: async () => undefined,
  removed: (record, world) => removed(record.data, world),
};

/** Another workload of the same service may grow meanwhile: its new pods are nobody's successors. */
async function ofOwner(
  owner: string | null,
  born: readonly InstanceState[],
  world: World,
): Promise<readonly InstanceState[]> {
  const placement = owner === null ? null : needPlacement(NAME, ['owner'], world);
  if (owner === null || placement === null || born.length === 0) return born;
  const places = await placement.of(born, ['owner']);
  return born.filter((_, index) => places[index]?.owners.includes(owner) === true);
}

function parseTimes(value: unknown): Parsed<number> {
  const times = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof times === 'number' && Number.isInteger(times) && times >= 2
    ? { ok: true, value: times }
    : { ok: false, expected: TIMES_ALLOWED };
}

/** Lives that ended since the plan: the victims' and those of their successors, whatever ended them. */
async function killsSoFar(
  instances: InstanceActs,
  act: Pick<StormAct, 'service' | 'known' | 'victims'>,
): Promise<number> {
  const lives = await instances.lives(act.service);
  const isOurs = (one: (typeof lives)[number]): boolean =>
    isSuccessor(one, act) || act.victims.some((victim) => isSameVictim(victim, one));
  return lives.filter((one) => one.endedAt !== null && isOurs(one)).length;
}

async function removed(undo: KillUndo, world: World): Promise<RemovalState> {
  const { instances } = needActs(NAME, world, ACTS);
  const now = await instances.list(undo.service);
  const waits = notReadyAgain(now, undo);
  if (waits !== null) return waits;
  const kills = await killsSoFar(instances, undo);
  const who = kills === 0 ? `${describeVictims(undo.victims)} was not killed` : `${kills} lives ended`;
  const evidence = `${who}, ${sayReady(now, undo)}`;
  const lives = await instances.lives(undo.service);
  const last = lives
    .flatMap((one) =>
      one.endedAt === null && one.readyAt !== null && isSuccessor(one, undo)
        ? [{ readyAt: one.readyAt, marks: one.marks }]
        : [],
    )
    .sort((a, b) => b.readyAt - a.readyAt)[0];
  return { gone: true, evidence, ...(last !== undefined && readyStamp(last.readyAt, last.marks)) };
}
