/**
 * A fault × service level that does not decide for a time, on one environment of one campaign. Part of a
 * history, schema `gauntlet.quarantine/1`. Fixed names: extend, never rename.
 */
import type { QuarantineInForce } from './night.ts';

export const QUARANTINE_SCHEMA = 'gauntlet.quarantine/1';

/** What is in quarantine: never a whole night, never a whole fault. */
export interface QuarantineUnit {
  readonly campaign: string;
  /** Key of the environment. */
  readonly environment: string;
  /** Without its round: `kill-pod`, `kill-pod#2`. */
  readonly fault: string;
  /** As in `FaultRecord.recovery`: `<flow> failed`, `<flow> slow`, `held`, `fresh`. */
  readonly sli: string;
}

export interface QuarantineLift {
  /** ISO 8601. */
  readonly at: string;
  /** Ids of the nights that passed in a row; empty: the campaign has no such fault any more. */
  readonly passes: readonly string[];
}

export interface QuarantineEntry extends QuarantineUnit, QuarantineInForce {
  readonly schema: typeof QUARANTINE_SCHEMA;
  /** Ids of the nights with mixed outcomes on the same versions, oldest first: why it could be entered. */
  readonly evidence: readonly string[];
  /** Null: not lifted. */
  readonly lifted: QuarantineLift | null;
}

export const isSameUnit = (a: QuarantineUnit, b: QuarantineUnit): boolean =>
  a.campaign === b.campaign && a.environment === b.environment && a.fault === b.fault && a.sli === b.sli;
