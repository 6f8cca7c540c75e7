/** The secrets of a target, by the references in its file: checked before anything is started. */
import type { TargetFile } from '../../config/read-target.ts';
import { keepAccess } from './keep-access.ts';
import { authSecret } from './run-token.ts';

/** Before anything is touched. @throws usage, never with a value. */
export function checkSecrets(target: TargetFile, env: Readonly<Record<string, string | undefined>>): void {
  keepAccess(target, env);
  authSecret(target, env);
}
