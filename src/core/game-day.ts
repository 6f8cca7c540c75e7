/**
 * The report of a game day in a format that other tools read, for a run: field names and types are theirs and
 * stay as they are.
 */
export interface GameDay {
  /** `gd-20261121-031208`, of the start in UTC. */
  readonly game_day_id: string;
  /** ISO 8601 with an offset. */
  readonly start_time: string;
  readonly end_time: string;
  readonly duration_seconds: number;
  readonly environment: string;
  readonly executed_by: string | null;
  readonly summary: {
    readonly total_scenarios: number;
    readonly successful: number;
    readonly failed: number;
    /** 0 to 100. */
    readonly success_rate: number;
  };
  readonly results: readonly GameDayResult[];
}

export type GameDayResult = GameDayOutcome | GameDayError;

export interface GameDayOutcome {
  readonly scenario: string;
  readonly target: string;
  readonly success: boolean;
  readonly duration_seconds: number;
  /** Null: not known. Of what had not recovered when the watch ended an issue says so. */
  readonly recovery_time_seconds: number | null;
  readonly issues: readonly string[];
}

/** It could not be carried out. */
export interface GameDayError {
  readonly scenario: string;
  readonly target: string;
  readonly success: false;
  readonly error: string;
}
