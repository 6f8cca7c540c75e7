/** What ends a fault early, and its words in records and events. */
import { messageOf } from '../../core/errors.ts';
import type { FaultEnd, FaultRecord } from '../../core/result.ts';

/**
 * Followed by the cause, which is another member's. Identifies the end in folders of versions without
 * `endedBy`.
 */
const GIVEN_UP = 'its group was given up: ';
const INTERRUPTED = 'interrupted: ';

/** The reason for a member of a group that another member ended. */
export const givenUp = (cause: string): string => `${GIVEN_UP}${cause}`;

/** The abort reason of a member's signal when another member is not in place. */
export class GroupGivenUp extends Error {
  constructor(cause: string) {
    super(givenUp(cause));
  }
}

/** Why a fault must not begin. */
export interface Unfit {
  readonly why: string;
  /** Null: neither the end of a run nor of a group, but a reason of the fault itself. */
  readonly endedBy: FaultEnd | null;
}

interface Ending {
  readonly signal: AbortSignal;
  readonly lease: { readonly lost: AbortSignal };
}

/** Whether something ends the fault now, whatever its state so far. */
export const isEnding = ({ signal, lease }: Ending): boolean => signal.aborted || lease.lost.aborted;

/** @param request of a fault that is ending. */
export const faultEndOf = ({ signal, lease }: Ending): Unfit =>
  lease.lost.aborted
    ? { endedBy: 'lease', why: String(lease.lost.reason) }
    : {
        endedBy: signal.reason instanceof GroupGivenUp ? 'group' : 'run',
        why: `${INTERRUPTED}${messageOf(signal.reason)}`,
      };

/** The end in a record; for versions that wrote it only as text, inferred from the text. */
export function recordedEnd({ endedBy, cutShort, status, injection }: FaultRecord): FaultEnd | null {
  if (endedBy !== undefined) return endedBy;
  const words = cutShort ?? (status === 'not-injected' ? injection?.evidence : undefined) ?? '';
  if (words.includes(GIVEN_UP)) return 'group';
  return cutShort?.startsWith(INTERRUPTED) ? 'run' : null;
}
