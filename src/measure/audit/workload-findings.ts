/** What workloads, their ReplicaSets and Services show, apart from their pods. */
import type { NamespaceView, WorkloadView } from '../../core/acts/audit-acts.ts';
import type { AuditKind, AuditObject, AuditRules } from '../../core/audit.ts';
import { type EpochMs, epochMs } from '../../core/units.ts';
import { sourceFinder } from './sources.ts';

export interface FoundOf {
  readonly kind: AuditKind;
  readonly owner: string;
  readonly object: AuditObject;
}

/** @param isAllowed whether the rules allow that kind of an owner's name. */
export function workloadFindings(
  view: NamespaceView,
  rules: AuditRules,
  isAllowed: (kind: AuditKind, owner: string) => boolean,
): readonly FoundOf[] {
  return [
    ...view.workloads.flatMap((one) => missingPods(one, view)),
    ...view.workloads.flatMap(({ owner, name, wanted }) =>
      wanted === 0 ? [of('zero-replicas', owner, { name, id: owner, why: 'wants 0 replicas' })] : [],
    ),
    ...orphans(view, rules),
    ...leftovers(view),
    ...deaf(view, (owner) => isAllowed('zero-replicas', owner)),
  ];
}

const of = (
  kind: AuditKind,
  owner: string,
  object: Omit<AuditObject, 'since'>,
  since: EpochMs | null = null,
): FoundOf => ({ kind, owner, object: { ...object, since } });

/** No pod object shows that a quota or an admission refuses to create it. */
function missingPods({ owner, wanted, createdAt }: WorkloadView, { pods }: NamespaceView): FoundOf[] {
  const own = pods.filter((one) => one.owner === owner && one.goneBy === null && !isOver(one.phase));
  const last = latest([createdAt, ...own.map((one) => one.createdAt)]);
  return Array.from({ length: Math.max(0, wanted - own.length) }, (_, index) => {
    const name = `pod ${own.length + index + 1} of ${wanted}`;
    return of('not-ready', owner, { name, id: `${owner} missing ${index + 1}`, why: 'not there' }, last);
  });
}

const isOver = (phase: string): boolean => phase === 'Succeeded' || phase === 'Failed';

function orphans({ workloads }: NamespaceView, { sources }: AuditRules): FoundOf[] {
  if (sources === null) return [];
  const hasSource = sourceFinder(sources);
  return workloads
    .filter(({ name }) => !hasSource(name))
    .map(({ owner, name }) => of('orphan', owner, { name, id: owner, why: 'no source has this name' }));
}

/** Several of one owner have pods: all but the newest are left over. */
function leftovers({ replicaSets }: NamespaceView): FoundOf[] {
  const owners = [...new Set(replicaSets.flatMap(({ owner }) => owner ?? []))];
  return owners.flatMap((owner) => {
    const withPods = replicaSets
      .filter((one) => one.owner === owner && one.pods > 0)
      .sort((a, b) => (b.createdAt ?? 0) - (a.createdAt ?? 0));
    const [newest, ...rest] = withPods;
    return rest.map(({ name, uid, pods }) => {
      const why = `has ${pods} ${pods === 1 ? 'pod' : 'pods'} beside those of ${newest?.name}`;
      return of('leftover-replicaset', owner, { name, id: uid, why }, newest?.createdAt ?? null);
    });
  });
}

/** A Service of workloads that are allowed to have no pods has no endpoints for that reason. */
function deaf(
  { services, workloads, pods }: NamespaceView,
  mayBeEmpty: (owner: string) => boolean,
): FoundOf[] {
  return services.flatMap(({ name, uid, selects, ready }) => {
    if (ready > 0 || Object.keys(selects).length === 0) return [];
    const behind = workloads.filter(({ labels }) => matches(labels, selects));
    if (behind.length > 0 && behind.every((one) => one.wanted === 0 && mayBeEmpty(one.owner))) return [];
    const why = behind.length === 0 ? 'selects no workload' : `none of ${said(behind)} is ready`;
    const owners = behind.map((one) => one.owner);
    const since = latest(pods.filter((one) => owners.includes(one.owner)).map((one) => one.readySince));
    return [of('no-endpoints', `Service/${name}`, { name, id: uid, why }, since)];
  });
}

const said = (some: readonly WorkloadView[]): string => some.map((one) => one.owner).join(', ');

const matches = (
  labels: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): boolean => Object.entries(wanted).every(([key, value]) => labels[key] === value);

function latest(instants: readonly (EpochMs | null)[]): EpochMs | null {
  const known = instants.flatMap((one) => one ?? []);
  return known.length === 0 ? null : epochMs(Math.max(...known));
}
