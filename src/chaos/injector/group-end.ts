/** Who ends a fault before its time, and the words for it in records and events. */
import { messageOf } from '../../core/errors.ts';
import type { FaultEnd, FaultRecord } from '../../core/result.ts';

/**
 * Behind it stands the cause, which is another member's. Folders of versions without `endedBy` are known by
 * it.
 */
const GIVEN_UP = 'its group was given up: ';
const INTERRUPTED = 'interrupted: ';

/** Told to a member of a group that another one ended. */
export const givenUp = (cause: string): string => `${GIVEN_UP}${cause}`;

/** What the signal of a member is aborted with when another one is not in place. */
export class GroupGivenUp extends Error {
  constructor(cause: string) {
    super(givenUp(cause));
  }
}

/** Why a fault must not begin. */
export interface Unfit {
  readonly why: string;
  /** Null: it is not the end of a run or of a group, but something about the fault itself. */
  readonly endedBy: FaultEnd | null;
}

interface Ending {
  readonly signal: AbortSignal;
  readonly lease: { readonly lost: AbortSignal };
}

/** Whether somebody ends the fault now, whatever became of it so far. */
export const isEnding = ({ signal, lease }: Ending): boolean => signal.aborted || lease.lost.aborted;

/** @param request of a fault that is ending. */
export const faultEndOf = ({ signal, lease }: Ending): Unfit =>
  lease.lost.aborted
    ? { endedBy: 'lease', why: String(lease.lost.reason) }
    : {
        endedBy: signal.reason instanceof GroupGivenUp ? 'group' : 'run',
        why: `${INTERRUPTED}${messageOf(signal.reason)}`,
      };

/** The end of a record; of versions that said it in words only, by their words. */
export function recordedEnd({ endedBy, cutShort, status, injection }: FaultRecord): FaultEnd | null {
  if (endedBy !== undefined) return endedBy;
  const words = cutShort ?? (status === 'not-injected' ? injection?.evidence : undefined) ?? '';
  if (words.includes(GIVEN_UP)) return 'group';
  return cutShort?.startsWith(INTERRUPTED) ? 'run' : null;
}
