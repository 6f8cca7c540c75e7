/**
 * The faults of a run in Grafana, however often they are pushed: what is there by its tags is compared with
 * what there should be. People's own tags on our annotations stay.
 */
import type { FaultAnnotation } from '../../core/annotation.ts';
import type { Night } from '../../core/night.ts';
import { ANNOTATION_TAG, FAULT_TAG, faultAnnotations, runTag } from '../../report/fault-annotations.ts';
import type { HttpLimits } from '../../system/http/ask.ts';
import type { Endpoint } from './endpoint.ts';
import { GrafanaApi, type Placed } from './grafana-api.ts';

export interface Annotated {
  readonly created: number;
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
}

/** Tags that we write, and take away again when they are not true any more. */
const OURS = /^(?:run|fault|kind|campaign|environment|verdict):|^(?:gauntlet|residue)$/;

/** @param dashboard null: annotations of the organisation. @throws NoAnswer, Refusal. */
export async function annotate(
  endpoint: Endpoint,
  dashboard: string | null,
  night: Night,
  limits: HttpLimits,
): Promise<Annotated> {
  const api = new GrafanaApi(endpoint, limits);
  const wanted = faultAnnotations(night);
  const there = (await api.find([ANNOTATION_TAG, runTag(night.run)])).filter(isOfFault);
  const { kept, missing, stale } = match(wanted, there, dashboard);
  // First what is missing: a push that is cut off has then hidden nothing.
  for (const one of missing) await api.create(one, dashboard);
  const changed = kept.filter(([is, must]) => !isSame(is, must));
  for (const [is, must] of changed) await api.change(is.id, { ...must, tags: tagsOf(is, must) });
  for (const one of stale) await api.remove(one.id);
  return {
    created: missing.length,
    changed: changed.length,
    removed: stale.length,
    unchanged: kept.length - changed.length,
  };
}

/** Somebody may have tagged something else with the id of a run. */
const isOfFault = ({ tags }: Placed): boolean => (tags ?? []).some((one) => one.startsWith(FAULT_TAG));

const faultOf = (tags: readonly string[]): string => tags.find((one) => one.startsWith(FAULT_TAG)) ?? '';

function match(wanted: readonly FaultAnnotation[], there: readonly Placed[], dashboard: string | null) {
  const free = new Set(there);
  const kept: [Placed, FaultAnnotation][] = [];
  const missing: FaultAnnotation[] = [];
  for (const must of wanted) {
    const fits = [...free].filter(
      (is) => faultOf(is.tags ?? []) === faultOf(must.tags) && isOnDashboard(is, dashboard),
    );
    const is = fits.find((one) => isSame(one, must)) ?? fits[0];
    if (is === undefined) missing.push(must);
    else {
      free.delete(is);
      kept.push([is, must]);
    }
  }
  return { kept, missing, stale: [...free] };
}

/** An annotation cannot move to another dashboard. Old versions do not tell where it is. */
const isOnDashboard = ({ dashboardUID }: Placed, dashboard: string | null): boolean =>
  dashboardUID === undefined || (dashboardUID ?? '') === (dashboard ?? '');

const isSame = (is: Placed, must: FaultAnnotation): boolean =>
  is.time === must.time &&
  (is.timeEnd || is.time) === (must.timeEnd ?? must.time) &&
  is.text === must.text &&
  [...(is.tags ?? [])].sort().join('\n') === [...tagsOf(is, must)].sort().join('\n');

const tagsOf = ({ tags }: Placed, must: FaultAnnotation): readonly string[] => [
  ...must.tags,
  ...(tags ?? []).filter((one) => !OURS.test(one)),
];
