/** What the supervisor and its reaper say to each other: JSON, one line each. */
import type { Problem } from '../../../../src/core/errors.ts';
import type { Holder } from '../../../../src/system/holder.ts';

/** argv[2] of the reaper. */
export interface ReaperConfig {
  readonly name: string;
  /** Folder of all sandboxes (state.ts, sandboxesRoot). */
  readonly root: string;
  readonly supervisor: Holder;
  readonly socketFolder: string;
}

/** stdout of the reaper: `claimed` or `failed` once, then one `registered` for each identity that it was given. */
export type ReaperMessage =
  | { readonly kind: 'claimed'; readonly subnet: number; readonly reaper: Holder }
  | {
      readonly kind: 'failed';
      readonly error: 'refused' | 'unavailable';
      readonly problems: readonly Problem[];
    }
  | { readonly kind: 'registered'; readonly pid: number };
