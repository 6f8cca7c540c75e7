/**
 * One command in a container, over pods/exec: its output and its exit code. The web socket is that of
 * @kubernetes/client-node; deadline and errors are ours.
 */
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { WebSocketHandler } from '@kubernetes/client-node/dist/web-socket-handler.js';
import { GauntletError, messageOf } from '../../core/errors.ts';
import type { Ms } from '../../core/units.ts';
import { ApiError, ApiUnreachable } from '../api-error.ts';
import { credentials, proxyAgent } from '../credentials.ts';
import type { ClusterAccess } from '../kubeconfig.ts';
import { podsPath } from '../pod-list.ts';

export interface ExecRequest {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
  readonly deadlineMs: Ms;
}

export type Exec = (request: ExecRequest) => Promise<string>;

/** The container is not there or does not run (any more): nothing was carried out. */
export class NotRunning extends GauntletError {}

const [STDOUT, STDERR, STATUS] = [1, 2, 3];

interface ExecStatus {
  readonly status?: string;
  readonly message?: string;
}

interface Socket {
  onclose: (() => void) | null;
  terminate(): void;
}

/**
 * What the command wrote to its stdout, once it ended with 0.
 * @throws ApiError 403 without the right to it, NotRunning when nothing was begun, ApiUnreachable for no answer in time (it
 * may have been carried out), unavailable with its stderr when it failed.
 */
export const execIn =
  (access: ClusterAccess): Exec =>
  async (request) => {
    const { namespace, pod, container, command, deadlineMs } = request;
    const what = `run ${command.slice(0, 2).join(' ')} in ${container} of pod ${pod} in ${namespace}`;
    const query = new URLSearchParams({ container, stdout: 'true', stderr: 'true' });
    for (const one of command) query.append('command', one);
    const out: Record<number, Buffer[]> = { [STDOUT]: [], [STDERR]: [], [STATUS]: [] };
    const text = (stream: number): string => Buffer.concat(out[stream] ?? []).toString('utf8');
    const path = `${podsPath(namespace)}/${encodeURIComponent(pod)}/exec?${query}`;
    const onData = (stream: number, data: Buffer): boolean => {
      out[stream]?.push(data);
      return stream !== STATUS;
    };
    try {
      await untilClosed(new WebSocketHandler(configOf(access)), path, onData, deadlineMs);
    } catch (error) {
      throw refusedBy(access.server, what, messageOf(error), error);
    }
    if (text(STATUS) === '') throw new ApiUnreachable(access.server, what, 'an end without a status', true);
    return outputOf(what, JSON.parse(text(STATUS)) as ExecStatus, text(STDOUT), text(STDERR));
  };

/** @throws Error after the deadline, or when the socket cannot be opened. */
function untilClosed(
  handler: WebSocketHandler,
  path: string,
  onData: (stream: number, data: Buffer) => boolean,
  deadlineMs: Ms,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let socket: Socket | undefined;
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      socket?.terminate();
      reject(new Error(`none within ${deadlineMs / 1000} s`));
    }, deadlineMs);
    const opening = handler.connect(path, null, onData) as Promise<Socket>;
    opening.then(
      (opened) => {
        socket = opened;
        // Whoever gave up must not leave a connection open.
        if (isLate) opened.terminate();
        opened.onclose = () => {
          clearTimeout(timer);
          resolve();
        };
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

/** The handler asks its configuration for two things, and loading the real one costs 78 MB (credentials.ts). */
const configOf = (access: ClusterAccess): KubeConfig =>
  ({
    getCurrentCluster: () => ({ server: access.server }),
    async applyToHTTPSOptions(options: object) {
      Object.assign(options, await credentials(access), { agent: await proxyAgent(access) });
    },
  }) as unknown as KubeConfig;

function refusedBy(server: string, what: string, message: string, cause: unknown): Error {
  const status = Number(/Unexpected server response: (\d+)/.exec(message)?.[1]);
  if (status === 403 || status === 401) return new ApiError(server, what, status, { message });
  if (status >= 400) return notRunning(what, `HTTP ${status}`, cause);
  return new ApiUnreachable(server, what, message, true, cause);
}

const notRunning = (what: string, got: string, cause?: unknown): NotRunning =>
  new NotRunning('unavailable', [{ subject: what, expected: 'a container that runs', got }], { cause });

function outputOf(
  what: string,
  { status, message = '' }: ExecStatus,
  stdout: string,
  stderr: string,
): string {
  if (status === 'Success') return stdout;
  if (/container not found|not running|not created|exec failed.*(stopped|not found)/i.test(message)) {
    throw notRunning(what, message);
  }
  const got = stderr.trim() || message || 'no reason';
  throw new GauntletError('unavailable', [{ subject: what, expected: 'to be carried out', got }]);
}
