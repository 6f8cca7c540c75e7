/**
 * One command in a container, to its end, over v5.channel.k8s.io (Kubernetes 1.30; WebSockets since 1.29 by default for
 * kubectl): what it wrote and how it ended. Sent once and never again. Nothing is sent to its stdin.
 */
import { messageOf } from '../core/errors.ts';
import { type EpochMs, type Ms, ms } from '../core/units.ts';
import { monotonicClock } from '../system/monotonic-clock.ts';
import { type ApiStatus, ApiUnreachable } from './api-error.ts';
import type { ClusterAccess } from './kubeconfig.ts';
import { podsPath } from './pod-list.ts';
import { controlFrame, FrameReader, OPCODE, openWebSocket } from './web-socket.ts';

export interface ExecRequest {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
  /** For the whole of it. Default 10 s. */
  readonly deadlineMs?: Ms;
}

export interface Executed {
  readonly stdout: string;
  readonly stderr: string;
  /** Null: it was not started, or nobody can say how it ended (its container died under it). */
  readonly exitCode: number | null;
  /** Why there is no exit code, in the words of the runtime; null when there is one. */
  readonly why: string | null;
  readonly sentAt: EpochMs;
  readonly answeredAt: EpochMs;
}

/** What runs a command in a container; tests bring their own. */
export type Exec = (request: ExecRequest) => Promise<Executed>;

const PROTOCOL = 'v5.channel.k8s.io';
const CHANNEL = { stdout: 1, stderr: 2, status: 3 } as const;
const DEADLINE_MS = ms(10_000);
/** Answers of helpers are lines; somebody else's program may write for ever. */
const MOST_BYTES = 1_000_000;

/** @throws ApiError when the API server or the kubelet refuses, ApiUnreachable when there is no answer in time. */
export const execWith =
  (access: ClusterAccess): Exec =>
  async (given) => {
    const { namespace, pod, container, command, deadlineMs = DEADLINE_MS } = given;
    const what = `exec in container ${container} of pod ${pod} in ${namespace}`;
    const query = new URLSearchParams({ container, stdout: 'true', stderr: 'true' });
    for (const word of command) query.append('command', word);
    const path = `${podsPath(namespace)}/${encodeURIComponent(pod)}/exec`;
    const sentAt = monotonicClock.now();
    const socket = await openWebSocket(access, { path, query, what, protocol: PROTOCOL, deadlineMs });
    const channels = new Map<number, Buffer[]>();
    let size = 0;
    await new Promise<void>((resolve, reject) => {
      const fail = (got: string, cause?: unknown): void =>
        reject(new ApiUnreachable(access.server, what, got, true, cause));
      const timer = setTimeout(() => fail(`none within ${deadlineMs / 1000} s`), deadlineMs);
      const frames = new FrameReader();
      let channel = 0;
      socket.on('data', (chunk: Buffer) => {
        for (const { opcode, payload } of frames.push(chunk)) {
          if (opcode === OPCODE.ping) socket.write(controlFrame(OPCODE.pong, payload));
          if (opcode === OPCODE.close) socket.end(controlFrame(OPCODE.close, payload));
          if (opcode > OPCODE.binary || payload.length === 0) continue;
          // A message may come in several frames: only the first one names its channel.
          if (opcode !== OPCODE.more) channel = payload.readUInt8(0);
          const body = opcode === OPCODE.more ? payload : payload.subarray(1);
          channels.set(channel, [...(channels.get(channel) ?? []), body]);
          size += body.length;
          if (size > MOST_BYTES) fail(`more than ${MOST_BYTES} bytes`);
        }
      });
      socket.on('error', (error) => fail(messageOf(error), error));
      socket.on('close', () => {
        clearTimeout(timer);
        resolve();
      });
    }).finally(() => socket.destroy());
    const text = (channel: number): string => Buffer.concat(channels.get(channel) ?? []).toString('utf8');
    return {
      stdout: text(CHANNEL.stdout),
      stderr: text(CHANNEL.stderr),
      ...endOf(text(CHANNEL.status)),
      sentAt,
      answeredAt: monotonicClock.now(),
    };
  };

/** The runtime's last word, a `Status`: exit codes other than 0 come as one of its causes. */
export function endOf(text: string): Pick<Executed, 'exitCode' | 'why'> {
  if (text === '') return { exitCode: null, why: 'the connection ended without a word about it' };
  const status = JSON.parse(text) as ApiStatus & { readonly status?: string };
  if (status.status === 'Success') return { exitCode: 0, why: null };
  const code = status.details?.causes?.find((one) => one.reason === 'ExitCode')?.message;
  if (code !== undefined) return { exitCode: Number(code), why: null };
  return { exitCode: null, why: status.message ?? status.reason ?? 'no reason' };
}
