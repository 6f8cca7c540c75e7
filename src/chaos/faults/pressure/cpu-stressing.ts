/** The specification of cpu-stress, and the interface of each means to do it. */
import { GauntletError } from '../../../core/errors.ts';
import type { Victim } from '../../../core/topology.ts';
import type { Ms } from '../../../core/units.ts';
import type { Fault, Impact } from '../../fault.ts';
import type { World } from '../../world.ts';
import type { Mode } from '../instances/victims.ts';

export const NAME = 'cpu-stress';

export type StressSpec = {
  readonly service: string;
  readonly workers: number;
  readonly mode: Mode;
  /** Of pods; null = the only one. */
  readonly container: string | null;
  readonly for: Ms;
};

/** One means: it executes, proves and undoes its own plan. */
export type CpuMeans<Act, Undo> = Pick<
  Fault<StressSpec, Act, Undo>,
  'permissions' | 'plan' | 'apply' | 'renew' | 'expect' | 'undo' | 'removed'
>;

/** The expected effect on a held and a fresh connection, for either means. */
export const EXPECTED =
  'the victim waits longer for each ms of work, by the count of the kernel, and probes stay alive';

/** It kills nobody, and takes no broker away. */
export const slowing = (service: string, victims: readonly Victim[]): Impact => ({
  services: [...new Set([service, ...victims.map((one) => one.instance)])],
  killed: [],
  instances: victims,
  brokersLost: [],
  outageAccepted: false,
});

/** @param instance what an instance is there. */
export const refuseContainer = (world: World, instance: string): GauntletError =>
  new GauntletError('refused', [
    {
      subject: `${NAME}.container`,
      expected: 'a platform whose instances are pods (kubernetes)',
      got: world.platform.handle.platform,
      next: `Leave it out: here an instance is ${instance}.`,
    },
  ]);
