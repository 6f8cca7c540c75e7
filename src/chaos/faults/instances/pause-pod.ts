/**
 * Stops instances with SIGSTOP: the process keeps its sockets and its memory and answers no request, as in a
 * long garbage collection or on a frozen node. SIGCONT undoes it.
 */
import { z } from 'zod';
import type { ActName } from '../../../core/acts/act-names.ts';
import type { InstanceState, PauseActs } from '../../../core/acts/instance-acts.ts';
import { GauntletError } from '../../../core/errors.ts';
import {
  describeVictim,
  describeVictims,
  isSameVictim,
  type Victim,
  victimOf,
} from '../../../core/topology.ts';
import type { Ms } from '../../../core/units.ts';
import type { Fault, RemovalState } from '../../fault.ts';
import { HOLD_PARAMETER, parameters, parserOf } from '../../parameters.ts';
import { countShape, victimShape } from '../../undo-shapes.ts';
import { needActs, platformTimers, type World } from '../../world.ts';
import { judgePause, type PauseAct } from './pause-proof.ts';
import { notReadyAgain, sayReady } from './ready-again.ts';
import {
  draw,
  instancesOf,
  lossOf,
  MODE_PARAMETER,
  type Mode,
  OUTAGE_PARAMETER,
  probesOf,
  serviceParameter,
} from './victims.ts';

type PauseSpec = {
  readonly service: string;
  readonly mode: Mode;
  readonly acceptOutage: boolean;
  readonly for: Ms;
};

type PauseUndo = {
  readonly service: string;
  readonly victims: readonly Victim[];
  readonly readyBefore: number;
};

const undoShape = z.object({ service: z.string(), victims: z.array(victimShape), readyBefore: countShape });

const ACTS = ['instances'] as const;
const NAME = 'pause-pod';
// Not `instances.signal`: a platform that can end an instance may not be able to stop and continue it.
const PERMISSIONS: readonly ActName[] = ['instances.list', 'instances.stop'];
const PARAMETERS = parameters({
  service: serviceParameter('stopped'),
  mode: MODE_PARAMETER,
  'accept-outage': OUTAGE_PARAMETER,
  for: HOLD_PARAMETER,
});

export const pausePod: Fault<PauseSpec, PauseAct, PauseUndo> = {
  name: NAME,
  summary: 'stops instances of a service (SIGSTOP): they keep their connections and answer nothing',
  parameters: PARAMETERS,
  permissions: PERMISSIONS,
  proof:
    'The kernel reports each victim (pid and start time) as stopped. When no other replica was ready, a held and a fresh ' +
    'connection must stall as well; a connection that breaks is not a pause.',
  undone:
    'SIGCONT, keyed by pid and start time, so that a restarted instance is never signalled. A stopped process has no ' +
    'deadline of its own: when the harness dies the lease keeper continues it; when both are killed, ' +
    '`gauntlet recover` does, and so does the start of the next run on this target.',
  example: 'pause-pod: { service: orders, for: 5s }',

  parse: parserOf(
    PARAMETERS,
    ({ 'accept-outage': acceptOutage, ...given }): PauseSpec => ({ ...given, acceptOutage }),
  ),

  async plan(spec, world) {
    const ofService = await instancesOf(NAME, spec.service, world);
    pausingOf(world);
    needVisible(ofService, world);
    // An instance that was stopped before is not ours to continue.
    const running = ofService.filter((one) => one.stopped === false);
    const chosen = draw(running, spec.mode, world.rng);
    const { impact, readyLeft } = lossOf(spec.service, ofService, chosen, spec.acceptOutage, world);
    const victims = chosen.map(victimOf);
    const readyBefore = ofService.filter((one) => one.ready).length;
    return {
      fault: NAME,
      victim: describeVictims(chosen),
      victims: chosen.map(describeVictim),
      probes: probesOf(spec.service, chosen, world),
      touches: chosen.map((one) => one.instance),
      timers: [
        'The kernel still accepts connections and bytes for a stopped process: callers notice at their own deadlines.',
        'A readiness probe that gets no answer takes the instance out of its Service; new connections then go elsewhere.',
        ...platformTimers(world, /ready|probe|session|election|lag/i),
      ],
      permissions: PERMISSIONS,
      impact,
      undo: { fault: NAME, data: { service: spec.service, victims, readyBefore } },
      act: { victims, survivors: readyLeft > 0 },
    };
  },

  async apply(plan, world) {
    const pausing = pausingOf(world);
    const gone: Victim[] = [];
    for (const victim of plan.act.victims) {
      if ((await pausing.stop(victim)) === 'gone') gone.push(victim);
    }
    if (gone.length > 0) throw new Error(`${describeVictims(gone)} was gone before the signal was sent`);
  },

  async renew(plan, world) {
    const { instances } = needActs(NAME, world, ACTS);
    const now = await instances.list();
    return plan.act.victims.every((victim) =>
      now.some((one) => isSameVictim(one, victim) && one.stopped === true),
    );
  },

  expect: (plan) => ({
    text: plan.act.survivors
      ? 'the victim is stopped, other replicas continue to serve'
      : 'the held and a fresh connection stall while the process still exists, stopped',
    observe: ['instances'],
    judge: (evidence) => judgePause(plan.act, plan.probes.length > 0, evidence),
  }),

  undoShape,
  async undo(record, world) {
    const pausing = pausingOf(world);
    // `gone` is a success: a victim that died is no longer stopped.
    for (const victim of record.data.victims) await pausing.resume(victim);
  },

  removed: (record, world) => removed(record.data, world),
};

const LEAVE = 'Leave this fault out.';

const refusal = (expected: string, got: string, next: string): GauntletError =>
  new GauntletError('refused', [{ subject: NAME, expected, got, next }]);

/** @throws refused where instances can only be ended. */
function pausingOf(world: World): PauseActs {
  const { pausing } = needActs(NAME, world, ACTS).instances;
  if (pausing !== undefined) return pausing;
  const got = `instances of platform ${world.platform.handle.platform}, which can only end them`;
  throw refusal('processes, which signals stop and continue', got, LEAVE);
}

/** Otherwise neither the stop nor its end could be proven. @throws refused when no instance is running. */
function needVisible(ofService: readonly InstanceState[], world: World): void {
  if (ofService.some((one) => one.stopped === false)) return;
  const expected = 'an instance that is running, not stopped';
  if (ofService.some((one) => one.stopped === undefined)) {
    const { platform } = world.platform.handle;
    throw refusal(expected, `platform ${platform}, which cannot report whether a process is stopped`, LEAVE);
  }
  const next = 'Undo what is left with: gauntlet recover';
  throw refusal(expected, `${describeVictims(ofService)}, stopped already`, next);
}

async function removed(undo: PauseUndo, world: World): Promise<RemovalState> {
  const { instances } = needActs(NAME, world, ACTS);
  const now = await instances.list(undo.service);
  const isVictim = (one: InstanceState): boolean => undo.victims.some((victim) => isSameVictim(victim, one));
  const stopped = now.filter((one) => isVictim(one) && one.stopped !== false);
  if (stopped.length > 0) return { gone: false, evidence: `${describeVictims(stopped)} is still stopped` };
  const waits = notReadyAgain(now, undo);
  if (waits !== null) return waits;
  const runs = now.filter(isVictim);
  const who = runs.length === 0 ? 'the victim is gone for another reason' : `${describeVictims(runs)} runs`;
  return { gone: true, evidence: `${who}, ${sayReady(now, undo)}` };
}
