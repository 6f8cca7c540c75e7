/**
 * How much memory a k6 may take before it collects its garbage earlier. Its live heap does not grow with iterations, but the level to
 * which garbage piles up is drawn anew at each collection, and resident memory follows its highest values: a limit below keeps it flat.
 */
import type { ScenarioLoad } from '../core/load-plan.ts';
import type { Segment } from '../measure/segments.ts';

/**
 * k6 itself and its garbage, stacks and the runtime's own tables, in kB. With 24 MiB few VUs had so little room that collecting cost
 * 14 % of k6's highest rate; with 64 nothing (40 VUs, docs/decisions/018-flat-memory.md).
 */
const BASE_KB = 64 * 1024;
/** Room for garbage, and for what VUs hold while all their requests are under way. With 3 the limit would lie where GOGC=200 collects. */
const ROOM = 2.6;

/** The environment of one process. Go's limit is soft: what is really needed above it is still given, and costs CPU. */
export function memoryLimit(
  { vuKb, flows }: Pick<ScenarioLoad, 'vuKb' | 'flows'>,
  { of }: Segment,
): { readonly GOMEMLIMIT?: string } {
  if (vuKb === undefined) return {};
  const vus = flows.reduce((sum, flow) => sum + flow.vus, 0) / of;
  return { GOMEMLIMIT: `${Math.ceil(BASE_KB + ROOM * vuKb * vus)}KiB` };
}
