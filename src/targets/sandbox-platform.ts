/** The platform `sandbox`: the acts of core/platform.ts over the control sockets of the supervisor and the proxies. */
import { readFileSync } from 'node:fs';
import type { InstanceActs, InstanceLife, InstanceState } from '../core/acts/instance-acts.ts';
import type { Platform, PlatformHandle } from '../core/acts/platform.ts';
import { GauntletError, messageOf } from '../core/errors.ts';
import { brokersOf, redisOf, type Topology, type Victim } from '../core/topology.ts';
import { callControl } from '../system/control-socket.ts';
import { fateOf, sayHolder } from '../system/holder.ts';
import { requireThisVersion, type SandboxState } from '../system/sandbox/state.ts';
import { openKafkaActs } from './kafka-acts.ts';
import { proxyHttpActs, proxyLinkActs } from './proxy-acts.ts';
import { sandboxMemoryActs, sandboxRedisActs, sandboxStressActs } from './sandbox-supervisor-acts.ts';
import { sandboxReadyActs, sandboxWorkloadActs } from './sandbox-workloads.ts';

/** The part of a sandbox's state file that is needed to act on it; the sandbox writes more. */
interface StateFile {
  readonly name: string;
  readonly supervisor: unknown;
  readonly controlSocket: string;
  readonly proxySocket: string;
  readonly topology: Topology;
  readonly probeTopology: Topology;
  readonly system?: SandboxState['system'];
}

/**
 * @throws unavailable when the sandbox is gone: its faults ended with it; refused when its processes cannot
 * be observed from here.
 */
export async function openSandboxPlatform(handle: PlatformHandle): Promise<Platform> {
  const state = readState(handle);
  const platform: Platform = {
    handle,
    topology: state.topology,
    links: proxyLinkActs(state.proxySocket),
    instances: instanceActs(state.controlSocket),
    http: proxyHttpActs(state.proxySocket),
    stress: sandboxStressActs(state.controlSocket),
    memory: sandboxMemoryActs(state.controlSocket),
    workloads: sandboxWorkloadActs(state.controlSocket),
    ready: sandboxReadyActs(state.controlSocket),
    ...(redisOf(state.probeTopology) !== undefined && { redis: sandboxRedisActs(state.controlSocket) }),
  };
  const brokers = brokersOf(state.probeTopology);
  return brokers.length > 0 ? { ...platform, kafka: openKafkaActs(brokers) } : platform;
}

function readState(handle: PlatformHandle): StateFile {
  let state: StateFile;
  try {
    state = JSON.parse(readFileSync(handle.stateFile ?? '', 'utf8')) as StateFile;
  } catch (error) {
    throw gone(handle, messageOf(error), error);
  }
  const { supervisor } = state;
  const fate = fateOf(supervisor, handle.stateFile ?? '');
  if (fate === 'alive') {
    requireThisVersion(handle.identity, state);
    return state;
  }
  const who = sayHolder(supervisor);
  if (fate === 'dead') throw gone(handle, `its supervisor (${who}) has ended`);
  const expected = 'a sandbox whose processes are visible from here';
  throw new GauntletError('refused', [{ subject: handle.identity, expected, got: who }]);
}

function gone(handle: PlatformHandle, got: string, cause?: unknown): GauntletError {
  return new GauntletError(
    'unavailable',
    [
      {
        subject: handle.identity,
        expected: 'a running sandbox',
        got,
        next: 'Start it with: gauntlet sandbox up',
      },
    ],
    { cause },
  );
}

function instanceActs(socket: string): InstanceActs {
  const query = (service?: string): string =>
    service === undefined ? '' : `?service=${encodeURIComponent(service)}`;
  const send = async (victim: Victim, signal: string): Promise<'sent' | 'gone'> => {
    const body = { victim, signal };
    return (await callControl<{ outcome: 'sent' | 'gone' }>(socket, 'POST', '/signal', { body })).outcome;
  };
  return {
    list: (service) => callControl<InstanceState[]>(socket, 'GET', `/instances${query(service)}`),
    lives: (service) => callControl<InstanceLife[]>(socket, 'GET', `/lives${query(service)}`),
    signal: send,
    pausing: { stop: (victim) => send(victim, 'SIGSTOP'), resume: (victim) => send(victim, 'SIGCONT') },
  };
}
