/** The folder of a target's nights. */
import { createHash } from 'node:crypto';

const SAFE = /^[a-z0-9][a-z0-9-]{0,39}$/;

/**
 * The target's name. One that no target file may have (of a foreign run folder) is made a part of a path: its
 * safe characters, and a hash so that two such names stay two.
 */
export function environmentKey(target: string): string {
  if (SAFE.test(target)) return target;
  const readable = target
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 27);
  const hash = createHash('sha256').update(target).digest('hex').slice(0, 8);
  return `${readable || 'target'}-${hash}`;
}
