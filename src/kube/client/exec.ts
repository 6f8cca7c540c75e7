/**
 * One command in a container, to its end, over pods/exec: its output and how it ended. Sent once and never
 * repeated; sends nothing to its stdin. The web socket is that of @kubernetes/client-node; deadline and
 * errors are ours.
 */
import { PassThrough } from 'node:stream';
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { WebSocketHandler } from '@kubernetes/client-node/dist/web-socket-handler.js';
import { GauntletError, messageOf, show } from '../../core/errors.ts';
import { type EpochMs, type Ms, ms } from '../../core/units.ts';
import { monotonicClock } from '../../system/monotonic-clock.ts';
import { ApiError, type ApiStatus, ApiUnreachable, apiStatus } from './api-error.ts';
import { credentials, proxyAgent } from './credentials.ts';
import type { ClusterAccess } from './kubeconfig.ts';
import { podsPath } from './list.ts';

export interface ExecRequest {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
  /** For the whole command. Default 10 s. */
  readonly deadlineMs?: Ms;
}

export interface Executed {
  readonly stdout: string;
  readonly stderr: string;
  /**
   * `unheard`: the connection ended without a status, so the command may have been executed; `failed`: it was
   * not, or was cut off.
   */
  readonly ended: 'exited' | 'unheard' | 'failed';
  /** Null unless it exited. */
  readonly exitCode: number | null;
  /** Why there is no exit code, from the runtime; null when there is one. */
  readonly why: string | null;
  readonly sentAt: EpochMs;
  readonly answeredAt: EpochMs;
}

/** Runs a command in a container; tests supply their own. */
export type Exec = (request: ExecRequest) => Promise<Executed>;

const CHANNEL = { stdout: 1, stderr: 2, status: 3 } as const;
const DEADLINE_MS = ms(10_000);
/** Answers of our helpers are lines; another program may write without end. */
const MOST_BYTES = 1_000_000;

/** Channel 255 closes another channel, given in the second byte. */
const SHORTEST_BYTES = 2;

/** A peer that closes a channel closes these, and not the streams of this process. */
const nowhere = () => ({ stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() });

interface Socket {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: (() => void) | null;
  terminate(): void;
}

/**
 * @throws ApiError when the API server or the kubelet refuses, ApiUnreachable when there is no answer in
 * time.
 */
export const execWith =
  (access: ClusterAccess): Exec =>
  async (given) => {
    const { namespace, pod, container, command, deadlineMs = DEADLINE_MS } = given;
    const what = `exec in container ${container} of pod ${pod} in ${namespace}`;
    const query = new URLSearchParams({ container, stdout: 'true', stderr: 'true' });
    for (const word of command) query.append('command', word);
    const path = `${podsPath(namespace)}/${encodeURIComponent(pod)}/exec?${query}`;
    const channels = new Map<number, Buffer[]>();
    let size = 0;
    const onData = (channel: number, data: Buffer): boolean => {
      const chunks = channels.get(channel) ?? [];
      channels.set(channel, chunks);
      chunks.push(data);
      size += data.length;
      // False: the handler closes the connection.
      return channel !== CHANNEL.status && size <= MOST_BYTES;
    };
    const sentAt = monotonicClock.now();
    try {
      const handler = new WebSocketHandler(configOf(access), undefined, nowhere());
      await untilClosed(handler, path, onData, deadlineMs);
    } catch (error) {
      if (error instanceof GauntletError) throw error;
      throw refusedBy(access.server, what, messageOf(error), error);
    }
    if (size > MOST_BYTES)
      throw new ApiUnreachable(access.server, what, `more than ${MOST_BYTES} bytes`, true);
    const text = (channel: number): string => Buffer.concat(channels.get(channel) ?? []).toString('utf8');
    return {
      stdout: text(CHANNEL.stdout),
      stderr: text(CHANNEL.stderr),
      ...endOf(text(CHANNEL.status)),
      sentAt,
      answeredAt: monotonicClock.now(),
    };
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
        // An abandoned call must not leave a connection open.
        if (isLate) opened.terminate();
        const take = opened.onmessage;
        opened.onmessage = (event) => {
          // The handler reads the channel without checking the length; its error would end this process.
          const isEmpty = event.data instanceof Buffer && event.data.length < SHORTEST_BYTES;
          if (!isEmpty) take?.call(opened, event);
        };
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

/**
 * The handler reads two settings from its configuration, and loading the real one costs 78 MB
 * (credentials.ts).
 */
const configOf = (access: ClusterAccess): KubeConfig =>
  ({
    getCurrentCluster: () => ({ server: access.server }),
    async applyToHTTPSOptions(options: object) {
      const agent = await proxyAgent(access);
      // The channel is one byte before the data.
      Object.assign(options, await credentials(access), { agent, maxPayload: MOST_BYTES + 1 });
    },
  }) as unknown as KubeConfig;

/** A server that answers the upgrade with a status refused it before the command started. */
function refusedBy(server: string, what: string, message: string, cause: unknown): Error {
  const status = Number(/Unexpected server response: (\d+)/.exec(message)?.[1]);
  if (status >= 400) return new ApiError(server, what, status, { message });
  return new ApiUnreachable(server, what, message, true, cause);
}

/** The runtime's final `Status`: exit codes other than 0 are one of its causes. */
export function endOf(text: string): Pick<Executed, 'ended' | 'exitCode' | 'why'> {
  const failed = (why: string) => ({ ended: 'failed', exitCode: null, why }) as const;
  const exited = (exitCode: number) => ({ ended: 'exited', exitCode, why: null }) as const;
  if (text === '') {
    return { ended: 'unheard', exitCode: null, why: 'the connection ended without a status' };
  }
  const status = statusOf(text);
  if (status === undefined) return failed(`a final message that is not a Status: ${show(text)}`);
  if (status.status === 'Success') return exited(0);
  const code = status.details?.causes?.find((one) => one.reason === 'ExitCode')?.message;
  if (code !== undefined && /^\d{1,3}$/.test(code)) return exited(Number(code));
  return failed(status.message ?? status.reason ?? 'no reason');
}

function statusOf(text: string): ApiStatus | undefined {
  try {
    const status: unknown = JSON.parse(text);
    return typeof status === 'object' && status !== null ? apiStatus(status) : undefined;
  } catch {
    return undefined;
  }
}
