/**
 * What a history holds beside its nights, one file each, written once. Fixed names: extend, never rename.
 */
import type { SeriesChange } from './trend.ts';

/** The schema of the marker that makes a folder a history. */
export const HISTORY_SCHEMA = 'gauntlet.history/1';

/** The nights that are compared with each other. */
export interface HistoryOf {
  readonly campaign: string;
  /** Key of the environment. */
  readonly environment: string;
}

/** The latest of a campaign and environment holds. */
export interface Pin extends HistoryOf {
  readonly schema: 'gauntlet.pin/1';
  /** Id of the reference night. Null: there is none from now on. */
  readonly night: string | null;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly by: string | null;
  readonly reason: string | null;
}

/** A change that a night has told, so that no later night tells it again. */
export interface ToldChange extends HistoryOf {
  readonly schema: 'gauntlet.told/1';
  readonly series: string;
  /** Id of the first night after the change; a neighbour of it is the same change. */
  readonly at: string;
  readonly state: SeriesChange['state'];
  /** Id of the night that told it. */
  readonly toldIn: string;
}
