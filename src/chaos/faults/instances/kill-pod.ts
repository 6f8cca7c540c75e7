/**
 * Kills instances of a service by signal; the platform brings successors. Done once, it holds nothing
 * (decision 004).
 */
import type { Ms } from '../../../core/units.ts';
import type { Fault, Parameter } from '../../fault.ts';
import { oneOf, parseSwitch, SpecReader } from '../../parameters.ts';
import { needActs } from '../../world.ts';
import { insideOf, lookInside, runOf, takeVia, VIA_PARAMETERS, type Via } from './container-view.ts';
import {
  EVICT_PARAMETER,
  GRACE_ALLOWED,
  GRACE_PARAMETER,
  needRemoval,
  parseGrace,
} from './instance-removal.ts';
import { checkOrder, orderFor } from './kill-by-order.ts';
import type { KillAct } from './kill-proof.ts';
import { KILL_PROOF } from './kill-proof.ts';
import type { KillUndo } from './kill-removal.ts';
import { KILL_PERMISSIONS, KILL_UNDONE, killPlan, killVerbs, SIGNAL_PARAMETER } from './kill-verbs.ts';
import { SELECTOR_PARAMETERS } from './selector-needs.ts';
import {
  saySelector,
  selectFrom,
  selectorPermissions,
  takeSelector,
  type VictimSelector,
} from './victim-selector.ts';
import {
  draw,
  instancesOf,
  LOSS_PARAMETER,
  MODE_PARAMETER,
  type Mode,
  OUTAGE_PARAMETER,
  parseMode,
  parseService,
  serviceParameter,
} from './victims.ts';

type KillSpec = {
  readonly service: string;
  readonly signal: 'SIGKILL' | 'SIGTERM';
  readonly mode: Mode;
  readonly narrowing: VictimSelector;
  readonly via: Via;
  readonly acceptOutage: boolean;
  readonly acceptLoss: boolean;
  readonly evict: boolean;
  /** Time to drain, in whole seconds; null = the instance's own. */
  readonly graceMs: Ms | null;
};

const PARAMETERS: readonly Parameter[] = [
  serviceParameter('killed'),
  SIGNAL_PARAMETER,
  MODE_PARAMETER,
  ...SELECTOR_PARAMETERS,
  ...VIA_PARAMETERS,
  GRACE_PARAMETER,
  EVICT_PARAMETER,
  OUTAGE_PARAMETER,
  LOSS_PARAMETER,
];

export const killPod: Fault<KillSpec, KillAct, KillUndo> = {
  name: 'kill-pod',
  summary: 'kills instances of a service and watches their successors come back',
  parameters: PARAMETERS,
  permissions: KILL_PERMISSIONS,
  proof: KILL_PROOF,
  undone: `${KILL_UNDONE} The PodChaos of via: chaos-mesh is deleted in any case, because one that stays may kill later.`,
  limits:
    'Chaos Mesh (via: chaos-mesh) deletes by name. It counts as injected only when exactly the planned uid went; when a ' +
    'successor of the same name went, alone or as well, it is not injected.',
  example: 'kill-pod: { service: specialist-business, signal: SIGKILL }',

  examplesOn: ({ platform }) =>
    platform.instances?.orders === undefined
      ? []
      : ['kill-pod: { service: specialist-business, via: chaos-mesh }'],

  parse(raw) {
    const reader = new SpecReader(raw, PARAMETERS);
    const service = reader.take('service', parseService);
    const signal = reader.take('signal', oneOf('SIGKILL', 'SIGTERM'));
    const mode = reader.take('mode', parseMode);
    const narrowing = takeSelector(reader);
    const acceptOutage = reader.take('accept-outage', parseSwitch);
    const acceptLoss = reader.take('accept-loss', parseSwitch);
    const evict = reader.take('evict', parseSwitch);
    const via = takeVia(reader, evict === true);
    if (via !== undefined) checkOrder(reader, via, signal);
    const grace = reader.take('grace', parseGrace);
    if (grace !== undefined && signal === 'SIGKILL') {
      reader.add('grace', GRACE_ALLOWED, 'signal SIGKILL, which leaves no time');
    }
    const complete =
      via !== undefined &&
      evict !== undefined &&
      service !== undefined &&
      signal !== undefined &&
      mode !== undefined;
    if (reader.problems.length > 0 || !complete || acceptOutage === undefined || acceptLoss === undefined) {
      return { ok: false, problems: reader.problems };
    }
    const spec = {
      service,
      signal,
      mode,
      narrowing,
      via,
      acceptOutage,
      acceptLoss,
      evict,
      graceMs: grace ?? null,
    };
    return { ok: true, spec, holdMs: null };
  },

  async plan(spec, world) {
    const { instances } = needActs('kill-pod', world, ['instances']);
    const { service, signal, evict, graceMs, acceptOutage: outageAccepted, acceptLoss: lossAccepted } = spec;
    needRemoval('kill-pod', spec, instances, world);
    const ofService = await instancesOf('kill-pod', service, world);
    const meant = await selectFrom('kill-pod', spec.narrowing, ofService, world);
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
      victim: `${plan.victim}${saySelector(spec.narrowing)}`,
      permissions: [...plan.permissions, ...selectorPermissions(spec.narrowing)],
    };
  },

  ...killVerbs('kill-pod'),
};
