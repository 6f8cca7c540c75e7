/** Who could have answered in the place of a target: the same words in a plan and in every report. */
import type { Plan } from './plan.ts';

/** Null: every certificate was checked, or there was none. */
export const insecureText = ({ insecure }: Pick<Plan, 'insecure'>): string | null =>
  insecure === undefined
    ? null
    : `the certificate of ${insecure.join(', ')} is not checked (tls.insecure): anything may answer in its place`;
