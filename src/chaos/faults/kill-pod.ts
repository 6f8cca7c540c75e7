/** Kills instances of a service by signal; the platform brings successors. Done once, it holds nothing (decision 004). */
import type { Fault, Parameter } from '../fault.ts';
import type { KillAct } from '../kill-proof.ts';
import {
  KILL_PERMISSIONS,
  KILL_UNDONE,
  type KillUndo,
  killed,
  killPlan,
  SIGNAL_PARAMETER,
} from '../killing.ts';
import { oneOf, parseSwitch, SpecReader } from '../parameters.ts';
import {
  draw,
  instancesOf,
  MODE_PARAMETER,
  type Mode,
  OUTAGE_PARAMETER,
  parseMode,
  parseService,
  serviceParameter,
} from '../victims.ts';
import { needActs } from '../world.ts';

type KillSpec = {
  readonly service: string;
  readonly signal: 'SIGKILL' | 'SIGTERM';
  readonly mode: Mode;
  readonly acceptOutage: boolean;
};

const PARAMETERS: readonly Parameter[] = [
  serviceParameter('killed'),
  SIGNAL_PARAMETER,
  MODE_PARAMETER,
  OUTAGE_PARAMETER,
];

export const killPod: Fault<KillSpec, KillAct, KillUndo> = {
  name: 'kill-pod',
  summary: 'kills instances of a service and watches their successors come back',
  parameters: PARAMETERS,
  permissions: KILL_PERMISSIONS,
  undone: KILL_UNDONE,
  example: 'kill-pod: { service: specialist-business, signal: SIGKILL }',

  parse(raw) {
    const reader = new SpecReader(raw, PARAMETERS);
    const service = reader.take('service', parseService);
    const signal = reader.take('signal', oneOf('SIGKILL', 'SIGTERM'));
    const mode = reader.take('mode', parseMode);
    const acceptOutage = reader.take('accept-outage', parseSwitch);
    const complete = service !== undefined && signal !== undefined && mode !== undefined;
    if (reader.problems.length > 0 || !complete || acceptOutage === undefined) {
      return { ok: false, problems: reader.problems };
    }
    return { ok: true, spec: { service, signal, mode, acceptOutage }, holdMs: null };
  },

  async plan(spec, world) {
    const { instances } = needActs('kill-pod', world, ['instances']);
    const { service, signal, acceptOutage: outageAccepted } = spec;
    const ofService = await instancesOf('kill-pod', service, () => instances.list());
    const chosen = draw(ofService, spec.mode, world.rng);
    return killPlan({ fault: 'kill-pod', service, signal, outageAccepted, ofService, chosen }, world);
  },

  ...killed('kill-pod'),
};
