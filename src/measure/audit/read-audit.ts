/** What a list of namespaces shows, by kind and owner. */
import type { AuditView, NamespaceView } from '../../core/acts/audit-acts.ts';
import {
  AUDIT_KINDS,
  type AuditFinding,
  type AuditKind,
  type AuditReading,
  type AuditRules,
  ownerKey,
  type PodRestarts,
} from '../../core/audit.ts';
import { podFindings } from './pod-findings.ts';
import { type FoundOf, workloadFindings } from './workload-findings.ts';

export function readAudit(view: AuditView, rules: AuditRules): AuditReading {
  const { at, namespaces } = view;
  const findings = namespaces.flatMap((one) => findingsIn(one, view, rules));
  return {
    ...{ kind: 'read', at },
    namespaces: namespaces.map((one) => one.namespace),
    pods: namespaces.reduce((sum, one) => sum + one.pods.length, 0),
    services: namespaces.reduce((sum, one) => sum + one.services.length, 0),
    workloads: namespaces.flatMap(({ namespace, workloads }) =>
      workloads.map(({ owner }) => ownerKey({ namespace, owner })),
    ),
    findings: sorted(findings),
    restarts: namespaces.flatMap(restartsIn),
  };
}

/** Owners by name, in the order of the kinds. */
const sorted = (findings: readonly AuditFinding[]): readonly AuditFinding[] =>
  [...findings].sort(
    (a, b) =>
      AUDIT_KINDS.indexOf(a.kind) - AUDIT_KINDS.indexOf(b.kind) || (ownerKey(a) < ownerKey(b) ? -1 : 1),
  );

function findingsIn(view: NamespaceView, { at }: AuditView, rules: AuditRules): readonly AuditFinding[] {
  const isAllowed = allowance(rules);
  const all: readonly FoundOf[] = [
    ...view.pods.flatMap((pod) => podFindings(pod, at, rules).map((one) => ({ ...one, owner: pod.owner }))),
    ...workloadFindings(view, rules, isAllowed),
  ];
  const found = new Map<string, AuditFinding>();
  for (const { kind, owner, object } of all) {
    const key = `${kind} ${owner}`;
    const { objects } = found.get(key) ?? { objects: [] };
    const { namespace } = view;
    found.set(key, {
      ...{ kind, namespace, owner },
      objects: [...objects, object],
      isAllowed: isAllowed(kind, owner),
    });
  }
  return [...found.values()];
}

/** By the name of the owner, without its kind. */
export const allowance =
  ({ allow }: AuditRules) =>
  (kind: AuditKind, owner: string): boolean => {
    const name = owner.slice(owner.indexOf('/') + 1);
    const patterns = allow[kind] ?? [];
    return patterns.some((one) => (one.endsWith('*') ? name.startsWith(one.slice(0, -1)) : name === one));
  };

const restartsIn = ({ namespace, pods }: NamespaceView): readonly PodRestarts[] =>
  pods.flatMap(({ uid, name, owner, containers }) => {
    const count = containers.reduce((sum, one) => sum + one.restarts, 0);
    return count === 0 ? [] : [{ uid, pod: name, namespace, owner, count }];
  });

/**
 * Findings that may be gone in a moment: an audit waits for them, and what it still sees at the end of
 * `pendingAfter` counts.
 */
export const unsettled = ({ findings, at }: AuditReading, rules: AuditRules): readonly AuditFinding[] =>
  findings.filter(
    ({ kind, isAllowed, objects }) =>
      !isAllowed &&
      rules.most[kind] !== undefined &&
      objects.some(({ since }) => since !== null && at - since < rules.pendingAfterMs),
  );
