/** What cpu-stress is asked for, and what each means of making instances fight for their CPU does for it. */
import type { Ms } from '../../../core/units.ts';
import type { Fault } from '../../fault.ts';
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

/** One means: what it planned, it carries out, proves and takes back. */
export type CpuMeans<Act, Undo> = Pick<
  Fault<StressSpec, Act, Undo>,
  'permissions' | 'plan' | 'apply' | 'renew' | 'expect' | 'undo' | 'removed'
>;

/** What a held and a fresh connection see, by either means. */
export const EXPECTED =
  'the victim waits longer for each ms of work, by the count of the kernel, and probes stay alive';
