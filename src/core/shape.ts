/**
 * The shape of a load over time, relative to the rates of the campaign: `1` is the rate that the campaign
 * states.
 */
import type { Objective } from './objective.ts';
import type { Ms } from './units.ts';

/**
 * One linear piece; it is a phase of the run. Pieces follow each other without a gap; a jump between two is
 * instant.
 */
export interface ShapeStep {
  readonly phase: string;
  readonly from: number;
  readonly to: number;
  readonly lengthMs: Ms;
}

/**
 * A staircase that is climbed while every condition holds: the highest step that certainly holds is the
 * capacity.
 */
export interface CapacitySearch {
  /** The name of the segment; its steps are the phases `<segment>:<level>`. */
  readonly segment: string;
  readonly flow: string;
  /** Judged in each step, with the step's phase as their scope. */
  readonly conditions: readonly Objective[];
  readonly phases: readonly string[];
}

export interface LoadShape {
  readonly steps: readonly ShapeStep[];
  readonly search: CapacitySearch | null;
}
