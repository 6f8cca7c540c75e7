/**
 * The contract of a fault: one named way to break something, with its undo, its lease and its proof. A fault
 * is one file in `faults/`; it knows the platform's acts and nothing of load, targets or measuring. See
 * docs/adding-a-fault.md.
 */
import type { z } from 'zod';
import type { ActName } from '../core/acts/act-names.ts';
import type { PodStretch } from '../core/result.ts';
import type { ProbeSample } from '../core/samples.ts';
import type { Victim } from '../core/topology.ts';
import type { EpochMs, Ms } from '../core/units.ts';
import type { ProbeView, Snapshot, SnapshotPart } from './observation.ts';
import type { Parameters, ParsedFault } from './parameters.ts';
import type { World } from './world.ts';

/** Data that undoes a fault: JSON, keyed by identities, replayable by any process and any number of times. */
export interface UndoRecord<Undo = unknown> {
  readonly fault: string;
  readonly data: Undo;
}

/** What a plan would take away; the guards of policy.ts judge it, the fault does not. */
export interface Impact {
  readonly services: readonly string[];
  readonly killed: readonly {
    readonly service: string;
    readonly victims: number;
    readonly replicas: number;
    readonly readyLeft: number;
  }[];
  /** Their identities: the platform may refuse single ones. Absent when no instance is touched. */
  readonly instances?: readonly Victim[];
  /** Brokers that the others lose sight of. */
  readonly brokersLost: readonly number[];
  /** The author wrote that no replica may be left. */
  readonly outageAccepted: boolean;
  /** Victims whom nobody brings back, with the reason; absent = every one is replaced. */
  readonly lost?: readonly { readonly victim: string; readonly why: string; readonly fix?: string }[];
  /** The author wrote that victims may stay away. */
  readonly lossAccepted?: boolean;
}

/** Resolved at fire time, by reading alone. All of it is JSON. */
export interface FaultPlan<Act = unknown, Undo = unknown> {
  readonly fault: string;
  readonly victim: string;
  readonly victims: readonly string[];
  /** Names for `ProbeFeed.watch`; empty when no probe can see the victim. */
  readonly probes: readonly string[];
  /** Links and instances that are touched. */
  readonly touches: readonly string[];
  readonly timers: readonly string[];
  readonly permissions: readonly ActName[];
  readonly impact: Impact;
  /** Null: nothing is changed, so there is nothing to undo. */
  readonly undo: UndoRecord<Undo> | null;
  readonly act: Act;
}

/** What the judge of an expectation is given; it asks nobody else. */
export interface Evidence {
  /** The instant before the act. */
  readonly appliedAt: EpochMs;
  /** Good samples of the time before the act. */
  readonly baseline: ProbeView;
  /** Samples sent since the act. */
  readonly since: ProbeView;
  /** The platform's answers from the time before the act, oldest first, and from the time since. */
  readonly snapshotsBefore: readonly Snapshot[];
  readonly snapshots: readonly Snapshot[];
}

export type Proof =
  | {
      readonly kind: 'seen';
      /** The first instant at which the predicted effect was there on every connection that must show it. */
      readonly at: EpochMs;
      /** The truth lies within this time before `at`. */
      readonly boundMs: Ms;
      readonly held: string;
      readonly fresh: string;
      readonly evidence: string;
    }
  | { readonly kind: 'not-yet'; readonly held: string; readonly fresh: string; readonly evidence: string };

export interface Expectation {
  /** What a held and a fresh connection should see, for people. */
  readonly text: string;
  /** Which answers of the platform the judge needs besides probes. */
  readonly observe: readonly SnapshotPart[];
  /** Pure. */
  judge(evidence: Evidence): Proof;
  /** Whether an answer on a fresh connection shows that the effect is over. Absent: any good answer does. */
  isOver?(sample: ProbeSample, baseline: ProbeView): boolean;
}

export interface RemovalState {
  readonly gone: boolean;
  readonly evidence: string;
  /** When the platform itself stamped the end; absent = only known from being asked. */
  readonly at?: EpochMs;
  /** The end lies within this time before `at`; absent = the stamp is exact. */
  readonly boundMs?: Ms;
}

export interface Fault<Spec = unknown, Act = unknown, Undo = unknown> {
  readonly name: string;
  readonly summary: string;
  readonly parameters: Parameters;
  /** Acts of the platform that it needs, such as `links.impair`. */
  readonly permissions: readonly ActName[];
  /** Instead of these where instances are pods, if they are others. */
  readonly permissionsInPods?: readonly ActName[];
  /** What must be seen before it counts as injected, for `gauntlet faults`. */
  readonly proof: string;
  /** How it is undone and what its lease is, for `gauntlet faults`. */
  readonly undone: string;
  /** What it cannot do or does besides, where an author would expect otherwise. */
  readonly limits?: string;
  readonly example: string;
  /** Further ones, for what only a platform like this one can do. */
  examplesOn?(world: World): readonly string[];
  parse(raw: unknown): ParsedFault<Spec>;
  /** Only reads. Throws `refused` when the platform lacks an act, `usage` when the victim does not exist. */
  plan(spec: Spec, world: World): Promise<FaultPlan<Act, Undo>>;
  /** @param ttl after this long without `renew` the platform itself ends the fault, where it can. */
  apply(plan: FaultPlan<Act, Undo>, world: World, ttl: Ms): Promise<void>;
  /** False when the fault is not in place any more. */
  renew(plan: FaultPlan<Act, Undo>, world: World, ttl: Ms): Promise<boolean>;
  expect(plan: FaultPlan<Act, Undo>): Expectation;
  /**
   * What its undo data must be before `undo` or `removed` see any of it: journals come from other versions
   * and machines.
   */
  readonly undoShape: z.ZodType<Undo>;
  /** Idempotent; a success when there is nothing left to undo. */
  undo(record: UndoRecord<Undo>, world: World): Promise<void>;
  /** Compares the state now with the state before, from the record alone. */
  removed(record: UndoRecord<Undo>, world: World): Promise<RemovalState>;
  /**
   * The way back of a lost instance, whose stretches sum to the whole. Absent for faults that lose none.
   * @param firstGood the answer of the first good probe on a fresh connection after the successor was ready;
   * null when no probe reaches the service.
   */
  pod?(
    record: UndoRecord<Undo>,
    world: World,
    times: { readonly appliedAt: EpochMs; readonly firstGood: EpochMs | null },
  ): Promise<readonly PodStretch[]>;
}
