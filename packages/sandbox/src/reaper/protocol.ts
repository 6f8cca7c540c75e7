/** The messages between the supervisor and its reaper: JSON, one per line. */
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

/** stdout of the reaper: `claimed` or `failed` once, then one `registered` for each received identity. */
export type ReaperMessage =
  | { readonly kind: 'claimed'; readonly subnet: number; readonly reaper: Holder }
  | {
      readonly kind: 'failed';
      readonly error: 'refused' | 'unavailable';
      readonly problems: readonly Problem[];
    }
  | { readonly kind: 'registered'; readonly pid: number };
