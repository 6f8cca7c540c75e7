/**
 * The interface of this layer to the agent in a pod's network namespace (packages/netagent): one command per
 * act, nothing is held open. Its rules have a kernel timeout; the agent may die at any time.
 */
import type { RunCommand } from './command.ts';
import type { NetPod } from './net-pods.ts';
import { runNetagent } from './run-netagent.ts';

/** Field for field what netagent reads (packages/netagent/request.go). */
export interface AgentRequest {
  readonly id: string;
  readonly ttlMs: number;
  readonly kind: 'cut' | 'reset' | 'police' | 'detour';
  /** For a cut; absent = both. */
  readonly direction?: 'out' | 'in';
  readonly bytesPerSecond?: number;
  readonly links: readonly {
    readonly name: string;
    readonly peers: readonly string[];
    /** Instead of peers: all traffic, except on loopback. */
    readonly everyone?: true;
    /**
     * Only for a redirect: the dialled addresses, and where the proxy listens for each. The same list in each
     * renewal.
     */
    readonly via?: readonly { readonly peer: string; readonly port: number; readonly to: string }[];
  }[];
}

export interface Counter {
  readonly packets: number;
  readonly bytes: number;
}

export interface AgentTable {
  readonly id: string;
  /** Until the kernel ends it; 0 = it has ended. */
  readonly leftMs: number;
  readonly links: readonly {
    readonly name: string;
    /** `drop out`, `drop in`, `pass out`, `pass in`, `reject out`, `rst out` and so on. */
    readonly counters: Readonly<Record<string, Counter>>;
    readonly established: number;
    readonly dialling: number;
  }[];
}

export interface AgentState {
  readonly tables: readonly AgentTable[];
  /** Tables, chains, sets and rules of all other owners in this network namespace. */
  readonly others: readonly string[];
  readonly kernel: { readonly release: string; readonly netem: 'yes' | 'no' | 'unknown' };
}

export interface Dialled {
  readonly ok: boolean;
  readonly tookMs: number;
  readonly outcome: string;
}

/** Each @throws as a command (command.ts). */
export interface NetAgent {
  state(pod: NetPod, container: string): Promise<AgentState>;
  apply(pod: NetPod, container: string, request: AgentRequest): Promise<void>;
  /** False when the kernel has ended it. */
  renew(pod: NetPod, container: string, request: AgentRequest): Promise<boolean>;
  undo(pod: NetPod, container: string, id: string): Promise<void>;
  /** A new TCP connection from inside the pod. */
  dial(pod: NetPod, container: string, address: string): Promise<Dialled>;
}

const DIAL_MS = 300;

export function netAgent(runCommand: RunCommand): NetAgent {
  const run = <T>(pod: NetPod, container: string, ...command: readonly string[]): Promise<T> =>
    runNetagent(runCommand, pod, container, ...command);
  return {
    state: (pod, container) => run(pod, container, 'state'),
    async apply(pod, container, request) {
      await run(pod, container, 'apply', JSON.stringify(request));
    },
    async renew(pod, container, request) {
      const { inPlace } = await run<{ inPlace: boolean }>(pod, container, 'renew', JSON.stringify(request));
      return inPlace;
    },
    async undo(pod, container, id) {
      await run(pod, container, 'undo', id);
    },
    dial: (pod, container, address) => run(pod, container, 'dial', address, `${DIAL_MS}ms`),
  };
}
