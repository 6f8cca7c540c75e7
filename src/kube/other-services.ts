/**
 * The service `*` of a system: every workload of a namespace that no declared service has, each under its own
 * name and selector. Listed when a target is opened: an audit is about what runs there, not about a file.
 */
import type { PodSelector } from '../core/acts/kubernetes-handle.ts';
import { own } from '../core/own.ts';
import { type Find, WORKLOAD_KINDS, type WorkloadKind } from '../core/system.ts';
import type { KubeApi } from './client/client.ts';
import { listAll } from './client/list.ts';
import { type Requirement, requirementsOf } from './links/policy/label-selector.ts';

type Pods = Readonly<Record<string, PodSelector>>;
type Labels = Readonly<Record<string, string>>;

interface WorkloadJson {
  readonly metadata?: { readonly name?: string };
  readonly spec?: {
    readonly selector?: { readonly matchLabels?: Labels; readonly matchExpressions?: readonly Requirement[] };
    readonly template?: { readonly metadata?: { readonly labels?: Labels } };
  };
}

interface Workload {
  readonly name: string;
  readonly selector: string;
  /** Of its pods. */
  readonly labels: Labels;
}

/**
 * @param others of the system; without a namespace there is nothing to list.
 * @param declared services with pods of their own, which are left out.
 */
export async function otherServices(
  client: KubeApi,
  others: Find['kubernetes'],
  declared: Pods,
): Promise<Pods> {
  const { namespace, workloads: kinds = WORKLOAD_KINDS } = others ?? {};
  if (namespace === undefined) return {};
  const known = Object.values(declared).filter((one) => one.namespace === namespace);
  const isDeclared = ({ name, labels }: Workload): boolean =>
    own(declared, name) !== undefined || known.some((one) => fits(labels, one.selector));
  const found: Record<string, PodSelector> = {};
  for (const kind of kinds) {
    for (const one of (await workloadsOf(client, namespace, kind)).filter((each) => !isDeclared(each))) {
      // A Deployment and a StatefulSet may have one name.
      const name = one.name in found ? `${one.name}-${kind.toLowerCase()}` : one.name;
      found[name] = { namespace, selector: one.selector };
    }
  }
  return found;
}

async function workloadsOf(
  client: KubeApi,
  namespace: string,
  kind: WorkloadKind,
): Promise<readonly Workload[]> {
  const plural = `${kind.toLowerCase()}s`;
  const path = `/apis/apps/v1/namespaces/${namespace}/${plural}`;
  const what = `list ${plural} in ${namespace}`;
  const { items } = await listAll<WorkloadJson, Workload>(client, { path, what }, ({ metadata, spec }) => ({
    name: metadata?.name ?? '',
    selector: selectorOf(spec?.selector ?? {}),
    labels: spec?.template?.metadata?.labels ?? {},
  }));
  return items.filter((one) => one.name !== '' && one.selector !== '');
}

/** As in `kubectl get pods -l`. */
function selectorOf({
  matchLabels = {},
  matchExpressions = [],
}: NonNullable<NonNullable<WorkloadJson['spec']>['selector']>): string {
  const equal = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  return [...equal, ...matchExpressions.map(expressionOf)].join(',');
}

function expressionOf({ key, operator, values = [] }: Requirement): string {
  if (operator === 'Exists') return key;
  if (operator === 'DoesNotExist') return `!${key}`;
  return `${key} ${operator === 'In' ? 'in' : 'notin'} (${values.join(',')})`;
}

const fits = (labels: Labels, selector: string): boolean =>
  requirementsOf(selector).every(({ key, operator, values = [] }) => {
    const value = own(labels, key);
    if (operator === 'Exists') return value !== undefined;
    if (operator === 'DoesNotExist') return value === undefined;
    const isIn = value !== undefined && values.includes(value);
    return operator === 'In' ? isIn : !isIn;
  });
