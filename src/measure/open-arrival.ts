/** An arrival between its start and its end, as the matcher holds it. */
import type { ResolvedArrival, Step } from './arrival.ts';

export interface Open {
  readonly atNs: number;
  readonly vu: number;
  readonly iteration: number;
  dueNs: number;
  state: 'open' | 'answered' | 'gone';
  serviceUs: number;
  /**
   * Time of connection set-up between start and answer: scripts report it separately, and the service time
   * without it.
   */
  connectUs: number;
  /** Requests answered so far; undefined where the script reports none. */
  steps?: Step[];
  outcome: string;
  /** When it was given up without an answer. */
  goneNs: number;
}

/** An event that waits for its rank; a drop has no arrival. */
export interface Waiting {
  readonly atNs: number;
  readonly open: Open | null;
}

/** Only where it is followed: most runs save the fields. */
export const iterationOf = ({ vu, iteration }: Open): Pick<ResolvedArrival, 'vu' | 'iteration'> | null =>
  Number.isNaN(iteration) ? null : { vu, iteration };
