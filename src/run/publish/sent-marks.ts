/**
 * Which messages were sent from this machine, so that a second push of the same night sends nothing. A mark
 * is set after the answer: at least once, because an alert that is lost is worse than one that comes twice.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from '../../system/durable-file.ts';
import { makeFolder } from '../../system/make-folder.ts';
import type { Places } from '../../system/places.ts';
import type { Endpoint } from './endpoint.ts';

export interface SentMarks {
  has(endpoint: Endpoint, message: string): boolean;
  add(endpoint: Endpoint, message: string): void;
}

/** One empty file a message and receiver, in the state folder; its name tells nothing of the URL. */
export function sentMarks({ state }: Pick<Places, 'state'>): SentMarks {
  const folder = join(state, 'sent');
  const fileOf = ({ kind, base }: Endpoint, message: string): string =>
    join(folder, `${kind}-${createHash('sha256').update(`${message}\n${base}`).digest('hex').slice(0, 40)}`);
  return {
    has: (endpoint, message) => existsSync(fileOf(endpoint, message)),
    add(endpoint, message) {
      makeFolder(folder, 0o700);
      writeWhole(fileOf(endpoint, message), '');
    },
  };
}
