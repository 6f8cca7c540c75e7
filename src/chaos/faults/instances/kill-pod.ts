/**
 * Kills instances of a service by signal; the platform starts successors. It is done once and holds nothing
 * (decision 004).
 */
import type { Ms } from '../../../core/units.ts';
import type { Fault } from '../../fault.ts';
import { parameters, parserOf } from '../../parameters.ts';
import { needActs } from '../../world.ts';
import { runOf } from './container-view.ts';
import { EVICT_PARAMETER, GRACE_ALLOWED, GRACE_PARAMETER, needRemoval } from './instance-removal.ts';
import { checkOrder, orderFor } from './kill-by-order.ts';
import type { KillAct } from './kill-proof.ts';
import { KILL_PROOF } from './kill-proof.ts';
import type { KillUndo } from './kill-removal.ts';
import { KILL_PERMISSIONS, KILL_UNDONE, killPlan, killVerbs, SIGNAL_PARAMETER } from './kill-verbs.ts';
import { checkVia, insideOf, lookInside, VIA_PARAMETERS, type Via, viaOf } from './kill-via.ts';
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
  LOSS_PARAMETER,
  MODE_PARAMETER,
  type Mode,
  OUTAGE_PARAMETER,
  serviceParameter,
} from './victims.ts';

type KillSpec = {
  readonly service: string;
  readonly signal: 'SIGKILL' | 'SIGTERM';
  readonly mode: Mode;
  readonly selector: VictimSelector;
  readonly via: Via;
  readonly acceptOutage: boolean;
  readonly acceptLoss: boolean;
  readonly evict: boolean;
  /** Time to drain, in whole seconds; null = the instance's own. */
  readonly graceMs: Ms | null;
};

const PARAMETERS = parameters({
  service: serviceParameter('killed'),
  signal: SIGNAL_PARAMETER,
  mode: MODE_PARAMETER,
  ...SELECTOR_PARAMETERS,
  ...VIA_PARAMETERS,
  grace: GRACE_PARAMETER,
  evict: EVICT_PARAMETER,
  'accept-outage': OUTAGE_PARAMETER,
  'accept-loss': LOSS_PARAMETER,
});

export const killPod: Fault<KillSpec, KillAct, KillUndo> = {
  name: 'kill-pod',
  summary: 'kills instances of a service and watches their successors come back',
  parameters: PARAMETERS,
  permissions: KILL_PERMISSIONS,
  proof: KILL_PROOF,
  undone: `${KILL_UNDONE} The PodChaos of via: chaos-mesh is deleted in any case, because one that remains may kill later.`,
  limits:
    'Chaos Mesh (via: chaos-mesh) deletes by name. It counts as injected only when exactly the planned uid is gone; when a ' +
    'successor of the same name was killed, alone or as well, it is not injected.',
  example: 'kill-pod: { service: orders, signal: SIGKILL }',

  examplesOn: ({ platform }) =>
    platform.instances?.orders === undefined ? [] : ['kill-pod: { service: orders, via: chaos-mesh }'],

  parse: parserOf(
    PARAMETERS,
    ({ service, signal, mode, evict, grace, ...given }): KillSpec => ({
      ...{ service, signal, mode, evict, graceMs: grace ?? null },
      selector: selectorOf(given),
      via: viaOf(given),
      acceptOutage: given['accept-outage'],
      acceptLoss: given['accept-loss'],
    }),
    (given, checking) => {
      checkVia(given, checking);
      checkOrder(given, checking);
      if (given.grace === undefined || given.signal !== 'SIGKILL') return;
      checking.add('grace', GRACE_ALLOWED, 'signal SIGKILL, which leaves no time');
    },
  ),

  async plan(spec, world) {
    const { instances } = needActs('kill-pod', world, ['instances']);
    const { service, signal, evict, graceMs, acceptOutage: outageAccepted, acceptLoss: lossAccepted } = spec;
    needRemoval('kill-pod', spec, instances, world);
    const ofService = await instancesOf('kill-pod', service, world);
    const meant = await selectFrom('kill-pod', spec.selector, ofService, world);
    const drawn = draw(meant, spec.mode, world.rng);
    const order = await orderFor('kill-pod', spec.via, world);
    const inside = insideOf('kill-pod', spec.via, signal, drawn, world);
    const seen = (some: typeof drawn) =>
      inside === null ? some : some.map((one) => runOf(one, inside.container));
    const how = { signal, evict, graceMs, outageAccepted, lossAccepted, inside, order };
    const killing = { fault: 'kill-pod', service, ...how, ofService: seen(ofService), chosen: seen(drawn) };
    const plan = await killPlan(killing, world);
    if (order === null) await lookInside(inside, plan, world);
    return {
      ...plan,
      victim: `${plan.victim}${saySelector(spec.selector)}`,
      permissions: [...plan.permissions, ...selectorPermissions(spec.selector)],
    };
  },

  ...killVerbs('kill-pod'),
};
