/** The output of a command in a container that succeeded; also distinguishes that it cannot have started. */
import { GauntletError } from '../../../core/errors.ts';
import type { Ms } from '../../../core/units.ts';
import { ApiError, ApiUnreachable } from '../../client/api-error.ts';
import { type Executed, execWith } from '../../client/exec.ts';
import type { ClusterAccess } from '../../client/kubeconfig.ts';

export interface Command {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
  readonly deadlineMs: Ms;
}

/** Tests supply their own. */
export type RunCommand = (command: Command) => Promise<string>;

/** The container does not exist or is not running (any more): nothing was executed. */
export class NotRunning extends GauntletError {}

/**
 * The stdout of the command, once it ended with 0.
 * @throws ApiError 401 and 403 without permission, NotRunning when nothing was started, ApiUnreachable for no
 * answer in time (it may have been executed), unavailable with its stderr when it failed.
 */
export const commandsIn = (access: ClusterAccess): RunCommand => {
  const exec = execWith(access);
  return async (request) => {
    const { namespace, pod, container, command } = request;
    const what = `run ${command.slice(0, 2).join(' ')} in ${container} of pod ${pod} in ${namespace}`;
    try {
      return outputOf(access.server, what, await exec(request));
    } catch (error) {
      if (!(error instanceof ApiError) || error.status === 401 || error.status === 403) throw error;
      throw notRunning(what, `HTTP ${error.status}`, error);
    }
  };
};

const notRunning = (what: string, got: string, cause?: unknown): NotRunning =>
  new NotRunning('unavailable', [{ subject: what, expected: 'a running container', got }], { cause });

function outputOf(server: string, what: string, { stdout, stderr, ended, exitCode, why }: Executed): string {
  if (exitCode === 0) return stdout;
  // The runtime has no code for it, only this text (containerd, CRI-O).
  if (
    why !== null &&
    /container not found|not running|not created|exec failed.*(stopped|not found)/i.test(why)
  ) {
    throw notRunning(what, why);
  }
  if (ended === 'unheard') throw new ApiUnreachable(server, what, 'an end without a status', true);
  const got = stderr.trim() || why || `exit code ${exitCode}`;
  throw new GauntletError('unavailable', [{ subject: what, expected: 'to be executed', got }]);
}
