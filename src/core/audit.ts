/**
 * An audit of namespaces: what a list of their objects shows to be wrong, by owner. It changes nothing. Its
 * rules are part of a system file; a run makes it before the load and after the last recovery.
 */
import type { EpochMs, Ms } from './units.ts';

export const AUDIT_KINDS = [
  'crash-loop',
  'image-pull',
  'pending',
  'not-ready',
  'out-of-memory',
  'leftover-replicaset',
  'no-endpoints',
  'orphan',
  'zero-replicas',
] as const;
export type AuditKind = (typeof AUDIT_KINDS)[number];

/** What an audit counts as a finding, and how many of each kind it accepts. */
export interface AuditRules {
  /** Objects of a kind that are accepted. Kinds that are absent are shown and not judged. */
  readonly most: Readonly<Partial<Record<AuditKind, number>>>;
  /** What has changed less than this long ago is waited for. */
  readonly pendingAfterMs: Ms;
  /** More restarts of one pod within this time are a crash loop. */
  readonly restarts: { readonly count: number; readonly perMs: Ms };
  /** Null: orphans are not looked for. */
  readonly sources: AuditSources | null;
  /** Names of owners, or their beginnings and `*`: their findings of that kind are shown and not judged. */
  readonly allow: Readonly<Partial<Record<AuditKind, readonly string[]>>>;
}

/** Where the workloads of a namespace come from. */
export interface AuditSources {
  readonly names: readonly string[];
  /** By the name of a workload, the name of its source. */
  readonly alias: Readonly<Record<string, string>>;
}

/** A pod, ReplicaSet, Service or workload that shows a finding. */
export interface AuditObject {
  readonly name: string;
  /** Of a pod its uid; of an event also its instant. */
  readonly id: string;
  readonly why: string;
  /** Since when it is so; null: not known, or of no importance. */
  readonly since: EpochMs | null;
}

/** What one owner shows of one kind. */
export interface AuditFinding {
  readonly kind: AuditKind;
  readonly namespace: string;
  /** `Deployment/web`. */
  readonly owner: string;
  readonly objects: readonly AuditObject[];
  /** By the rules: shown, never judged. */
  readonly isAllowed: boolean;
}

/** A pod that has restarted, by its uid: another pod of the same name starts at 0. */
export interface PodRestarts {
  readonly uid: string;
  readonly pod: string;
  readonly namespace: string;
  readonly owner: string;
  readonly count: number;
}

/** One audit as it was made. */
export interface AuditReading {
  readonly kind: 'read';
  /** By the clock of the cluster. */
  readonly at: EpochMs;
  readonly namespaces: readonly string[];
  readonly pods: number;
  readonly services: number;
  /** `shop/Deployment/web`. */
  readonly workloads: readonly string[];
  readonly findings: readonly AuditFinding[];
  readonly restarts: readonly PodRestarts[];
}

/** The same, or why it could not be made. */
export type AuditSide = AuditReading | { readonly kind: 'failed'; readonly why: string };

export const AUDIT_SIDES = ['before', 'after'] as const;
export type AuditSideName = (typeof AUDIT_SIDES)[number];

/** An objective of a campaign on the audits of its run. */
export interface AuditGoal {
  /** As written. */
  readonly name: string;
  readonly kind: 'clean' | 'no-worse';
  /** The document the limit comes from, or null. */
  readonly source: string | null;
}

/** The part of a plan. */
export interface AuditPlan {
  readonly goals: readonly AuditGoal[];
  readonly rules: AuditRules;
}

/** What the audits of a run found, in its result. */
export interface AuditResult {
  /** Null: the run ended before it. */
  readonly before: AuditSide | null;
  /** Crash loops that only both sides together show are among its findings. */
  readonly after: AuditSide | null;
  /** What an owner shows after and did not show before. */
  readonly worse: readonly AuditFinding[];
  /** Workloads that were there before and are not there after. */
  readonly gone: readonly string[];
  /** Of the rules, for readers of the result. */
  readonly most: AuditRules['most'];
}

/** `shop Deployment/web`: an owner is known by its namespace and name. */
export const ownerKey = ({ namespace, owner }: Pick<AuditFinding, 'namespace' | 'owner'>): string =>
  `${namespace}/${owner}`;
