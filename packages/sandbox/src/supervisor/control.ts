/** The control socket of a running supervisor. It sends signals only to processes of this sandbox. */

import type { ProcessState } from '../../../../src/core/acts/instance-acts.ts';
import { GauntletError, show } from '../../../../src/core/errors.ts';
import type { ProcessVictim } from '../../../../src/core/topology.ts';
import type { ControlHandler } from '../../../../src/system/control-socket.ts';
import { isAlive, isStopped } from '../../../../src/system/proc.ts';
import type { SandboxState } from '../../../../src/system/sandbox/state.ts';
import type { Instance } from './instance.ts';

export const SIGNALS = ['SIGKILL', 'SIGTERM', 'SIGSTOP', 'SIGCONT'] as const;
export type VictimSignal = (typeof SIGNALS)[number];

export interface ControlDeps {
  readonly instances: () => readonly Instance[];
  readonly state: () => SandboxState;
  /** Starts to stop the sandbox; the answer to the call is sent before the sandbox exits. */
  readonly down: () => void;
  /** Handles requests under /redis/. */
  readonly redis: ControlHandler;
  /** Handles requests under /stress. */
  readonly stress: ControlHandler;
  /** Handles requests under /memory. */
  readonly memory: ControlHandler;
  /** Handles requests under /workloads. */
  readonly workloads: ControlHandler;
  readonly kill?: (pid: number, signal: VictimSignal) => void;
}

/**
 * GET /instances?service= · GET /lives?service= · POST /signal {victim, signal} -> {outcome: 'sent'|'gone'} ·
 * GET /state · POST /down -> {stopping: true} · /redis/ as in redis-control.ts, /stress as in
 * stress-control.ts, /memory as in memory-control.ts, /workloads/ as in seats-control.ts. A service that does
 * not exist is a usage error that lists those that do.
 */
export function supervisorControl(deps: ControlDeps): ControlHandler {
  return async (call) => {
    const { method, path, body } = call;
    const url = new URL(path, 'http://sandbox');
    const service = url.searchParams.get('service') ?? undefined;
    switch (`${method} ${url.pathname}`) {
      case 'GET /instances':
        return chosen(deps.instances(), service)
          .flatMap((one) => one.state() ?? [])
          .map(withStopped);
      case 'GET /lives':
        return chosen(deps.instances(), service)
          .flatMap((one) => one.lives())
          .sort((a, b) => a.startedAt - b.startedAt);
      case 'POST /signal':
        return { outcome: signal(deps, body) };
      case 'GET /state':
        return deps.state();
      case 'POST /down':
        setImmediate(deps.down);
        return { stopping: true };
      default:
        if (url.pathname.startsWith('/redis/')) return await deps.redis(call);
        if (url.pathname.startsWith('/workloads/')) return await deps.workloads(call);
        if (/^\/memory(\/|$)/.test(url.pathname)) return await deps.memory(call);
        return /^\/stress(\/|$)/.test(url.pathname) ? await deps.stress(call) : undefined;
    }
  };
}

function chosen(instances: readonly Instance[], service: string | undefined): readonly Instance[] {
  if (service === undefined) return instances;
  const known = [...new Set(instances.map((one) => one.spec.service))];
  if (!known.includes(service)) {
    throw new GauntletError('usage', [
      { subject: 'service', expected: `one of ${known.join(', ')}`, got: show(service) },
    ]);
  }
  return instances.filter((one) => one.spec.service === service);
}

/** Read from the kernel now, so that no signal, of ours or of another process, has to be remembered. */
const withStopped = (one: ProcessState): ProcessState => ({
  ...one,
  stopped: isStopped(one.pid, one.startTicks),
});

/** `gone` unless it is exactly the present process of one of our instances. */
function signal(deps: ControlDeps, body: unknown): 'sent' | 'gone' {
  const { victim, signal: name } = body as { readonly victim: ProcessVictim; readonly signal: VictimSignal };
  if (!SIGNALS.includes(name)) {
    throw new GauntletError('usage', [
      { subject: 'signal', expected: `one of ${SIGNALS.join(', ')}`, got: show(name) },
    ]);
  }
  const ours = deps.instances().some(({ victim: now }) => {
    return now?.pid === victim.pid && now.startTicks === victim.startTicks;
  });
  if (!ours || !isAlive(victim.pid, victim.startTicks)) return 'gone';
  try {
    (deps.kill ?? process.kill)(victim.pid, name);
    return 'sent';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'gone';
    throw error;
  }
}
