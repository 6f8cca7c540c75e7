/** The objectives on the audits of a run: `audit clean` and `audit no-worse`. */
import {
  AUDIT_KINDS,
  type AuditFinding,
  type AuditGoal,
  type AuditKind,
  type AuditReading,
  type AuditResult,
  type AuditRules,
  type AuditSide,
  ownerKey,
} from '../../core/audit.ts';
import type { ObjectiveResult } from '../../core/result.ts';
import { allowance } from './read-audit.ts';
import { risesBetween } from './restart-loop.ts';

/** Findings of other kinds count for an owner by number, these by what happened. */
const EVENTS: readonly AuditKind[] = ['out-of-memory'];

/** @param sides null: the run ended before it. */
export function auditResult(
  sides: { readonly before: AuditSide | null; readonly after: AuditSide | null },
  rules: AuditRules,
): AuditResult {
  const { before } = sides;
  const after =
    before?.kind === 'read' && sides.after?.kind === 'read'
      ? withRises(before, sides.after, rules)
      : sides.after;
  const both = before?.kind === 'read' && after?.kind === 'read';
  return {
    ...{ before, after, most: rules.most },
    worse: both ? worseOf(before, after) : [],
    gone: both ? before.workloads.filter((one) => !after.workloads.includes(one)) : [],
  };
}

/** A pod may be ready in both audits and have crashed in between. */
function withRises(before: AuditReading, after: AuditReading, rules: AuditRules): AuditReading {
  const rises = risesBetween(before, after, rules.restarts);
  const added = rises.flatMap(({ pod, by }): AuditFinding[] => {
    const { namespace, owner, uid } = pod;
    const known = after.findings.some(
      (one) => one.kind === 'crash-loop' && one.objects.some(({ id }) => id === uid),
    );
    if (known) return [];
    const why = `${by} restarts since the audit before the load`;
    const isAllowed = allowance(rules)('crash-loop', owner);
    const objects = [{ name: pod.pod, id: uid, why, since: null }];
    return [{ kind: 'crash-loop', namespace, owner, objects, isAllowed }];
  });
  return added.length === 0 ? after : { ...after, findings: joined([...after.findings, ...added]) };
}

/** One finding of a kind for each owner. */
function joined(findings: readonly AuditFinding[]): readonly AuditFinding[] {
  const found = new Map<string, AuditFinding>();
  for (const one of findings) {
    const key = `${one.kind} ${ownerKey(one)}`;
    const earlier = found.get(key);
    found.set(key, earlier ? { ...one, objects: [...earlier.objects, ...one.objects] } : one);
  }
  return AUDIT_KINDS.flatMap((kind) => [...found.values()].filter((one) => one.kind === kind));
}

/** With only the objects that are new, as far as they can be told apart. */
function worseOf(before: AuditReading, after: AuditReading): readonly AuditFinding[] {
  const earlier = new Map(before.findings.map((one) => [`${one.kind} ${ownerKey(one)}`, one.objects]));
  return after.findings.flatMap((one): AuditFinding[] => {
    const had = earlier.get(`${one.kind} ${ownerKey(one)}`) ?? [];
    const ids = new Set(had.map(({ id }) => id));
    const fresh = one.objects.filter(({ id }) => !ids.has(id));
    // A pod that was not ready was replaced by one that is not ready: that is no worse.
    const more = EVENTS.includes(one.kind) ? fresh.length : one.objects.length - had.length;
    return more > 0 ? [{ ...one, objects: fresh.slice(0, more) }] : [];
  });
}

interface Judged {
  readonly status: ObjectiveResult['status'];
  /** Objects that should not be there; null: not known. */
  readonly observed: number | null;
  readonly note: string | null;
}

export function judgeAudit(goal: AuditGoal, audit: AuditResult): ObjectiveResult {
  const { status, observed, note } = goal.kind === 'clean' ? clean(audit) : noWorse(audit);
  return {
    ...{ name: goal.name, flow: '', phase: 'audit', expression: goal.kind, source: goal.source },
    ...{
      observed,
      interval: null,
      limit: 0,
      unit: 'findings',
      samples: samplesOf(audit.after),
      status,
      note,
    },
  };
}

const samplesOf = (side: AuditSide | null): number => (side?.kind === 'read' ? side.pods : 0);

const noData = (note: string): Judged => ({ status: 'NO-DATA', observed: null, note });

/** Why a side cannot be judged; null: it can. */
function unusable(side: AuditSide | null, when: string): string | null {
  if (side === null) return `the run ended before the audit ${when}`;
  if (side.kind === 'failed') return `the audit ${when} could not be made: ${side.why}`;
  const empty = side.pods === 0 && side.workloads.length === 0;
  return empty ? `the audit ${when} found no pod and no workload in ${side.namespaces.join(', ')}` : null;
}

const BEFORE = 'before the load';
const AFTER = 'after the last recovery';

function clean({ after, most }: AuditResult): Judged {
  const why = unusable(after, AFTER);
  if (why !== null || after?.kind !== 'read') return noData(why ?? '');
  const over = overMost(after, most);
  const observed = over.reduce((sum, one) => sum + one.objects.length, 0);
  return over.length === 0
    ? { status: 'PASS', observed, note: null }
    : { status: 'FAIL', observed, note: sayFindings(over) };
}

/** The findings of every kind that has more objects than it may. */
export function overMost({ findings }: AuditReading, most: AuditRules['most']): readonly AuditFinding[] {
  return AUDIT_KINDS.flatMap((kind) => {
    const allowed = most[kind];
    const found = findings.filter((one) => one.kind === kind && !one.isAllowed);
    const count = found.reduce((sum, one) => sum + one.objects.length, 0);
    return allowed === undefined || count <= allowed ? [] : found;
  });
}

function noWorse({ before, after, worse, gone, most }: AuditResult): Judged {
  const why = unusable(before, BEFORE) ?? unusable(after, AFTER);
  if (why !== null) return noData(why);
  const judged = worse.filter((one) => !one.isAllowed && most[one.kind] !== undefined);
  const observed = judged.reduce((sum, one) => sum + one.objects.length, 0);
  if (judged.length > 0) return { status: 'FAIL', observed, note: sayFindings(judged) };
  // It may have been removed on purpose; whether it was well cannot be known.
  if (gone.length > 0)
    return { status: 'INCONCLUSIVE', observed, note: `no longer there: ${gone.join(', ')}` };
  return { status: 'PASS', observed, note: null };
}

const SAID = 4;

/** `crash-loop of Deployment/web, orphan of Deployment/old and 3 more`. */
function sayFindings(findings: readonly AuditFinding[]): string {
  const said = findings.slice(0, SAID).map(({ kind, owner, objects }) => {
    const count = objects.length === 1 ? '' : ` ×${objects.length}`;
    return `${kind} of ${owner}${count}`;
  });
  const more = findings.length - said.length;
  return `${said.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
