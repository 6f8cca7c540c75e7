/**
 * The contract of a fault: one named way to break a part of a target, with its undo, its lease and its proof.
 * A fault is one file in `faults/`; it knows the platform's acts and nothing about load, targets or
 * measuring. See docs/adding-a-fault.md.
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

/** What a plan would remove; the guards of policy.ts judge it, not the fault. */
export interface Impact {
  readonly services: readonly string[];
  readonly killed: readonly {
    readonly service: string;
    readonly victims: number;
    readonly replicas: number;
    readonly readyLeft: number;
  }[];
  /** Their identities: the platform may refuse some of them. Absent when no instance is affected. */
  readonly instances?: readonly Victim[];
  /** Brokers that the other brokers can no longer reach. */
  readonly brokersLost: readonly number[];
  /** The same, but never two of them at once. Absent: none. */
  readonly brokersInTurn?: readonly number[];
  /** The Kafka of these. Absent: the only one. */
  readonly kafka?: string;
  /** The campaign declares that no replica may be left. */
  readonly outageAccepted: boolean;
  /** Victims without a replacement, with the reason; absent = every one is replaced. */
  readonly lost?: readonly { readonly victim: string; readonly why: string; readonly fix?: string }[];
  /** The campaign declares that victims may be lost for good. */
  readonly lossAccepted?: boolean;
}

/** Resolved when the fault fires, by reading only. All of it is JSON. */
export interface FaultPlan<Act = unknown, Undo = unknown> {
  readonly fault: string;
  readonly victim: string;
  readonly victims: readonly string[];
  /** Names for `ProbeFeed.watch`; empty when no probe can observe the victim. */
  readonly probes: readonly string[];
  /** Links and instances that are affected. */
  readonly touches: readonly string[];
  readonly timers: readonly string[];
  readonly permissions: readonly ActName[];
  readonly impact: Impact;
  /** Null: the act changes nothing, so there is nothing to undo. */
  readonly undo: UndoRecord<Undo> | null;
  readonly act: Act;
}

/** The input of an expectation's judge, which has no other source. */
export interface Evidence {
  /** The instant before the act. */
  readonly appliedAt: EpochMs;
  /** Good samples from before the act. */
  readonly baseline: ProbeView;
  /** Samples sent since the act. */
  readonly since: ProbeView;
  /** The platform's answers from before the act, oldest first, and since. */
  readonly snapshotsBefore: readonly Snapshot[];
  readonly snapshots: readonly Snapshot[];
}

export type Proof =
  | {
      readonly kind: 'seen';
      /**
       * The first instant at which the predicted effect was present on every connection that must show it.
       */
      readonly at: EpochMs;
      /** The true instant is at most this long before `at`. */
      readonly boundMs: Ms;
      readonly held: string;
      readonly fresh: string;
      readonly evidence: string;
    }
  | { readonly kind: 'not-yet'; readonly held: string; readonly fresh: string; readonly evidence: string };

export interface Expectation {
  /** The expected effect on a held and a fresh connection, for people. */
  readonly text: string;
  /** The platform's answers that the judge needs in addition to probes. */
  readonly observe: readonly SnapshotPart[];
  /** Pure. */
  judge(evidence: Evidence): Proof;
  /**
   * Whether an answer on a fresh connection shows that the effect has ended. Absent: any good answer does.
   */
  isOver?(sample: ProbeSample, baseline: ProbeView): boolean;
}

export interface RemovalState {
  readonly gone: boolean;
  readonly evidence: string;
  /** When the platform itself stamped the end; absent = known only from queries. */
  readonly at?: EpochMs;
  /** The end is at most this long before `at`; absent = the stamp is exact. */
  readonly boundMs?: Ms;
}

export interface Fault<Spec = unknown, Act = unknown, Undo = unknown> {
  readonly name: string;
  readonly summary: string;
  readonly parameters: Parameters;
  /** The platform's acts that it needs, such as `links.impair`. */
  readonly permissions: readonly ActName[];
  /** Replaces these where instances are pods, if they differ. */
  readonly permissionsInPods?: readonly ActName[];
  /** Replaces these where instances are containers of a Docker engine, if they differ. */
  readonly permissionsInContainers?: readonly ActName[];
  /** Replaces these where the platform lacks some, and a proxy of ours carries links to the victim. */
  readonly permissionsByLinks?: readonly ActName[];
  /** What must be observed before it counts as injected, for `gauntlet faults`. */
  readonly proof: string;
  /** How it is undone and what its lease is, for `gauntlet faults`. */
  readonly undone: string;
  /** Limits and side effects that a user would not expect. */
  readonly limits?: string;
  readonly example: string;
  /** Further examples, for features that only some platforms have. */
  examplesOn?(world: World): readonly string[];
  parse(raw: unknown): ParsedFault<Spec>;
  /** Only reads. Throws `refused` when the platform lacks an act, `usage` when the victim does not exist. */
  plan(spec: Spec, world: World): Promise<FaultPlan<Act, Undo>>;
  /** @param ttl without `renew` for this long the platform itself ends the fault, where it can. */
  apply(plan: FaultPlan<Act, Undo>, world: World, ttl: Ms): Promise<void>;
  /** False when the fault is no longer in place. */
  renew(plan: FaultPlan<Act, Undo>, world: World, ttl: Ms): Promise<boolean>;
  expect(plan: FaultPlan<Act, Undo>): Expectation;
  /**
   * The schema that its undo data must match before `undo` or `removed` see it: journals come from other
   * versions and machines.
   */
  readonly undoShape: z.ZodType<Undo>;
  /** Idempotent; a success when there is nothing left to undo. */
  undo(record: UndoRecord<Undo>, world: World): Promise<void>;
  /** Compares the current state with the state before, from the record alone. */
  removed(record: UndoRecord<Undo>, world: World): Promise<RemovalState>;
  /**
   * The recovery timeline of a lost instance, whose segments sum to the whole. Absent for faults that lose
   * none.
   * @param firstGood the answer of the first good probe on a fresh connection after the successor was ready;
   * null when no probe reaches the service.
   */
  pod?(
    record: UndoRecord<Undo>,
    world: World,
    times: { readonly appliedAt: EpochMs; readonly firstGood: EpochMs | null },
  ): Promise<readonly PodStretch[]>;
}
