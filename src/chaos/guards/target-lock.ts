/** One run at a time per target: the lock, and the refusal that names its holder. */
import { join } from 'node:path';
import { GauntletError } from '../../core/errors.ts';
import { FREE_UNSEEN } from '../../system/holder.ts';
import { tryLock } from '../../system/lock.ts';
import type { Places } from '../../system/places.ts';

export const targetLockPath = (places: Places, identity: string): string =>
  join(places.state, 'locks', `${encodeURIComponent(identity)}.lock`);

/**
 * @param purpose what this process does, for the message to a second run: `run demo`.
 * @returns the release. @throws refused with the holder, its place, and what it does.
 */
export function lockTarget(places: Places, identity: string, purpose: string): () => void {
  const attempt = tryLock(targetLockPath(places, identity), purpose);
  if (attempt.held) return attempt.release;
  throw new GauntletError('refused', [
    {
      subject: `target ${identity}`,
      expected: 'no other active run on it',
      got: attempt.words,
      next: attempt.fate === 'alive' ? 'Wait until it ends.' : `Wait until it ends. ${FREE_UNSEEN}`,
    },
  ]);
}
