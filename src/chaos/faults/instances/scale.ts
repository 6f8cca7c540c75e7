/**
 * Gives a service another number of instances for a while. The number is compared and set: one who changes
 * it meanwhile keeps the change, and the record reports it.
 */
import { reading } from '../../../config/words/word.ts';
import { describeWorkload, type WorkloadState, workloadOf } from '../../../core/acts/workload-acts.ts';
import { GauntletError } from '../../../core/errors.ts';
import { own } from '../../../core/own.ts';
import type { Ms, Parsed } from '../../../core/units.ts';
import type { Fault, Impact } from '../../fault.ts';
import { WORKLOADS_OF } from '../../observation.ts';
import { HOLD_PARAMETER, parameter, parameters, parserOf } from '../../parameters.ts';
import { needActs, platformTimers, type World } from '../../world.ts';
import { judgeScale, type ScaleAct, type ScaleUndo, scaleRemoved, scaleUndoShape } from './scale-proof.ts';
import { lossOf, OUTAGE_PARAMETER, probesOf } from './victims.ts';
import {
  describeWorkloads,
  type OfService,
  refuseObjections,
  WORKLOAD_FAULT_ACTS,
  wholeService,
  workloadsOf,
} from './workloads-of.ts';

type ScaleSpec = {
  readonly service: string;
  readonly to: number;
  readonly acceptOutage: boolean;
  readonly for: Ms;
};

const NAME = 'scale';
const TO_ALLOWED = 'a whole number of instances, inside the replicas of the service in its system';

const PARAMETERS = parameters({
  service: wholeService('given another number of instances'),
  to: parameter(reading(parseCount, { type: ['integer', 'string'], minimum: 0 }), {
    meaning: 'how many instances the service has while the fault is held',
    allowed: TO_ALLOWED,
  }),
  'accept-outage': OUTAGE_PARAMETER,
  for: HOLD_PARAMETER,
});

export const scale: Fault<ScaleSpec, ScaleAct, ScaleUndo> = {
  name: NAME,
  summary: 'gives a service another number of instances, within its bounds, and the former number afterwards',
  parameters: PARAMETERS,
  permissions: [
    'instances.list',
    'instances.lives',
    'workloads.list',
    'workloads.read',
    'workloads.scaler',
    'workloads.scale',
  ],
  proof:
    'The platform wants the new number, and so many instances exist; those that are leaving do not count, and those that are ' +
    'not ready yet do. An objective such as `orders ready >= 1 in fault:scale` judges the fewest that were.',
  undone:
    'The former number is set again, only over our own; the lease keeper does it if the harness cannot. A number that anyone ' +
    'else has set meanwhile is not overwritten, and is reported. It counts as removed when the former number of instances ' +
    'exists and as many are ready as before.',
  limits:
    'A service whose number a HorizontalPodAutoscaler or an operator sets is refused: the number would not stay. Which instances ' +
    'go, the platform decides. Of a Compose service containers are stopped, the last ones first, and started again.',
  example: 'scale: { service: orders, to: 2, for: 10s }',

  examplesOn: ({ platform: { handle } }) =>
    handle.platform === 'docker' ? ['scale: { service: orders, to: 0, accept-outage: true, for: 10s }'] : [],

  parse: parserOf(
    PARAMETERS,
    ({ service, to, for: hold, ...given }): ScaleSpec => ({
      ...{ service, to, for: hold },
      acceptOutage: given['accept-outage'],
    }),
  ),

  async plan({ service, to, acceptOutage }, world) {
    const found = await workloadsOf(NAME, service, world);
    const workload = onlyOne(service, found.workloads);
    checkBounds(service, to, world);
    checkMost(workload, to);
    refuseObjections(
      NAME,
      [workload],
      'setBy',
      'a workload whose number of instances is nobody else’s to set',
    );
    await refuseScaled(workload, world);
    const { instances } = found;
    const from = workload.replicas;
    const id = workloadOf(workload);
    const change = from === to ? `has ${to} already` : `${from} to ${to}`;
    return {
      fault: NAME,
      victim: `${describeWorkload(workload)} of ${service} (${change})`,
      victims: [`${service} (${change})`],
      probes: probesOf(service, instances, world),
      touches: instances.map((one) => one.instance),
      timers: [
        to > from
          ? 'A new instance takes traffic when it passes its readiness probe.'
          : 'An instance that is taken away drains first; connections that it holds break at the end of that.',
        ...platformTimers(world, /restart|back|ready|probe|start|clock/i),
      ],
      permissions: scale.permissions,
      impact: impactOf(service, { from, to, acceptOutage }, found, world),
      undo: {
        fault: NAME,
        data: {
          workload: id,
          from,
          to,
          readyBefore: instances.filter((one) => one.ready).length,
          since: world.clock.now(),
        },
      },
      act: { workload: id, from, to },
    };
  },

  async apply({ act: { workload, from, to } }, world) {
    const { workloads } = needActs(NAME, world, WORKLOAD_FAULT_ACTS);
    const name = describeWorkload(workload);
    if (from === to) throw new Error(`${name} has ${to} instances already: nothing would change`);
    const outcome = await workloads.scale(workload, from, to);
    if (outcome === 'changed') throw new Error(`the number of ${name} was changed before the act`);
    if (outcome === 'gone') throw new Error(`${name} was gone before the act`);
  },

  // No platform ends it by itself: the lease keeper does.
  async renew({ act }, world) {
    const now = await needActs(NAME, world, WORKLOAD_FAULT_ACTS).workloads.read(act.workload);
    return now?.replicas === act.to;
  },

  expect: ({ act, probes }) => ({
    text: `${act.to} instances exist`,
    observe: ['instances', `${WORKLOADS_OF}${act.workload.service}`],
    judge: (evidence) => judgeScale(act, probes.length > 0, evidence),
  }),

  undoShape: scaleUndoShape,
  async undo({ data: { workload, from, to } }, world) {
    if (from === to) return;
    await needActs(NAME, world, WORKLOAD_FAULT_ACTS).workloads.scale(workload, to, from);
  },
  removed: (record, world) => scaleRemoved(NAME, record.data, world),
};

function parseCount(value: unknown): Parsed<number> {
  const count = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof count === 'number' && Number.isInteger(count) && count >= 0
    ? { ok: true, value: count }
    : { ok: false, expected: TO_ALLOWED };
}

/** @throws refused: which of several would get another number is not said. */
function onlyOne(service: string, workloads: readonly WorkloadState[]): WorkloadState {
  const [first, ...others] = workloads;
  if (first !== undefined && others.length === 0) return first;
  throw new GauntletError('refused', [
    {
      subject: `${NAME} on ${service}`,
      expected: 'a service with one workload',
      got: describeWorkloads(workloads),
    },
  ]);
}

/** @throws refused with the bounds. */
function checkBounds(service: string, to: number, { platform: { replicas } }: World): void {
  const bounds = replicas && own(replicas, service);
  if (bounds !== undefined && to >= bounds.min && to <= bounds.max) return;
  throw new GauntletError('refused', [
    {
      subject: `${NAME}.to`,
      expected:
        bounds === undefined
          ? 'a service whose system declares its replicas'
          : `${sayBounds(bounds)}, the replicas of ${service} in its system`,
      got: bounds === undefined ? service : String(to),
      ...(bounds?.min === bounds?.max && {
        next: `Declare the bounds in system.yaml: services.${service}.replicas: { min: ${Math.min(1, to)}, max: ${Math.max(bounds?.max ?? 2, to)} }.`,
      }),
    },
  ]);
}

/** @throws refused where the platform makes no instances. */
function checkMost(workload: WorkloadState, to: number): void {
  if (workload.most === undefined || to <= workload.most) return;
  const expected = `at most ${workload.most}, the containers that exist`;
  const next = 'Start more of them first, such as with docker compose up --scale.';
  throw new GauntletError('refused', [{ subject: `${NAME}.to`, expected, got: String(to), next }]);
}

const sayBounds = ({ min, max }: { readonly min: number; readonly max: number }): string =>
  min === max ? `${min}` : `from ${min} to ${max}`;

/** @throws refused with what sets the number. */
async function refuseScaled(workload: WorkloadState, world: World): Promise<void> {
  const by = await needActs(NAME, world, WORKLOAD_FAULT_ACTS).workloads.scaler(workload);
  if (by === null) return;
  throw new GauntletError('refused', [
    {
      subject: `${NAME} on ${describeWorkload(workload)}`,
      expected: 'a workload whose number of instances is nobody else’s to set',
      got: `${by}, which sets it and would undo the fault`,
      next: 'Make load for the autoscaler instead, or remove it from this copy of the system.',
    },
  ]);
}

/** What is lost while there are fewer; the platform chooses, so that any of them may be lost. */
function impactOf(
  service: string,
  { from, to, acceptOutage }: { readonly from: number; readonly to: number; readonly acceptOutage: boolean },
  { instances }: OfService,
  world: World,
): Impact {
  const lost = Math.max(0, from - to);
  const ready = instances.filter((one) => one.ready).length;
  const killed = { service, victims: lost, replicas: instances.length, readyLeft: Math.max(0, ready - lost) };
  const { impact } = lossOf(service, instances, instances, acceptOutage, world);
  return {
    ...impact,
    killed: lost === 0 ? [] : [killed],
    // A StatefulSet takes away the highest numbers first.
    brokersLost: [...impact.brokersLost].sort((a, b) => b - a).slice(0, lost),
  };
}
