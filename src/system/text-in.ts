/** Files of the kernel about what may end at any moment: a process, a thread, a control group. */
import { readFileSync } from 'node:fs';

/** Undefined: it cannot be read, mostly because what it is about has ended. */
export function textIn(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
