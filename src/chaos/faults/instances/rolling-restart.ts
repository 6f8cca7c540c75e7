/**
 * Restarts every instance of a service one after another, as the platform itself does it for a new version.
 * The platform finishes what was begun, so there is nothing to undo and no pause that could stay behind
 * (decision 060).
 */
import { durationOf } from '../../../config/words/duration.ts';
import { describeWorkload, type WorkloadState, workloadOf } from '../../../core/acts/workload-acts.ts';
import { describeVictim, victimOf } from '../../../core/topology.ts';
import type { Fault } from '../../fault.ts';
import { WORKLOADS_OF } from '../../observation.ts';
import { parameter, parameters, parserOf } from '../../parameters.ts';
import { needActs, platformTimers } from '../../world.ts';
import { judgeRoll, type RollAct, type RollUndo, rollRemoved, rollUndoShape } from './roll-proof.ts';
import { lossOf, OUTAGE_PARAMETER, probesOf } from './victims.ts';
import {
  describeWorkloads,
  refuseObjections,
  WORKLOAD_FAULT_ACTS,
  wholeService,
  workloadsOf,
} from './workloads-of.ts';

type RollSpec = { readonly service: string; readonly acceptOutage: boolean };

const NAME = 'rolling-restart';

const PARAMETERS = parameters({
  service: wholeService('restarted, one instance after another'),
  timeout: parameter(durationOf('1s'), {
    meaning: 'how long it may take until every instance is replaced and the service is whole',
    allowed: 'a duration of at least 1s; default: 20s, where pods have to start 320s',
    unit: 'duration',
  }).optional(),
  'accept-outage': OUTAGE_PARAMETER,
});

export const rollingRestart: Fault<RollSpec, RollAct, RollUndo> = {
  name: NAME,
  summary: 'restarts all instances of a service one after another, as the platform does it for a new version',
  parameters: PARAMETERS,
  permissions: ['instances.list', 'instances.lives', 'workloads.list', 'workloads.read', 'workloads.roll'],
  proof:
    'The workload carries the mark of this restart, and the first instance of it was started or the first old one is gone. It ' +
    'is over only when every old instance is gone by its identity (pid and start time, or uid) and the service is whole: ' +
    'until then the phase of the fault lasts, and a restart that does not come to its end is residue.',
  undone:
    'There is nothing to undo: the platform completes a restart that was begun, also without the harness, and Gauntlet never ' +
    'pauses one. It counts as removed when every old instance is gone, the platform reports the restart as complete, and ' +
    'as many instances are ready as before.',
  limits:
    'On Kubernetes the annotation kubectl.kubernetes.io/restartedAt stays on the pod template, as after kubectl rollout restart: ' +
    'to take it away would be another restart. A restart does not wait for in-sync replicas of Kafka between two brokers.',
  example: 'rolling-restart: { service: orders }',

  parse: parserOf(
    PARAMETERS,
    (given): RollSpec => ({ service: given.service, acceptOutage: given['accept-outage'] }),
  ),

  async plan({ service, acceptOutage: outageAccepted }, world) {
    const { instances, workloads } = await workloadsOf(NAME, service, world);
    refuseObjections(NAME, workloads, 'noRestart', 'a workload whose restart replaces every instance');
    const victims = instances.map(victimOf);
    const ready = instances.filter((one) => one.ready).length;
    const { impact: all } = lossOf(service, instances, instances, outageAccepted, world);
    const missing = workloads.reduce((sum, one) => sum + Math.min(one.mostMissing, one.replicas), 0);
    const mark = new Date(world.clock.wall()).toISOString();
    const own = workloads.map(workloadOf);
    return {
      fault: NAME,
      victim: `all ${instances.length} instances of ${service} (${describeWorkloads(workloads)})`,
      victims: instances.map(describeVictim),
      probes: probesOf(service, instances, world),
      touches: instances.map((one) => one.instance),
      timers: [
        ...workloads.map(sayOrder),
        'Each successor takes traffic when it passes its readiness probe; only then does the next one go.',
        ...platformTimers(world, /restart|back|ready|probe|start|clock/i),
      ],
      permissions: rollingRestart.permissions,
      impact: {
        ...all,
        killed: [
          { service, victims: missing, replicas: instances.length, readyLeft: Math.max(0, ready - missing) },
        ],
        brokersLost: [],
        brokersInTurn: all.brokersLost,
      },
      undo: {
        fault: NAME,
        data: { service, workloads: own, mark, victims, readyBefore: ready, since: world.clock.now() },
      },
      act: { service, workloads: own, mark, victims },
    };
  },

  async apply({ act }, world) {
    const { workloads } = needActs(NAME, world, WORKLOAD_FAULT_ACTS);
    for (const workload of act.workloads) {
      const now = await workloads.read(workload);
      if (now === null) throw new Error(`${describeWorkload(workload)} is gone`);
      if (!now.isSettled) throw new Error(`a rollout of ${describeWorkload(workload)} is under way already`);
    }
    for (const workload of act.workloads) {
      if ((await workloads.roll(workload, act.mark)) === 'gone')
        throw new Error(`${describeWorkload(workload)} was gone before the restart was asked for`);
    }
  },

  // The platform carries it out by itself: there is nothing to renew.
  renew: async () => true,

  expect: ({ act, probes }) => ({
    text: 'instances are replaced one after another, the others continue to serve',
    observe: ['instances', `${WORKLOADS_OF}${act.service}`],
    judge: (evidence) => judgeRoll(act, probes.length > 0, evidence),
  }),

  undoShape: rollUndoShape,
  undo: async () => undefined,
  removed: (record, world) => rollRemoved(NAME, record.data, world),
};

const sayOrder = (one: WorkloadState): string =>
  `${describeWorkload(one)}: at most ${one.mostMissing} of ${one.replicas} instances missing at a time.`;
