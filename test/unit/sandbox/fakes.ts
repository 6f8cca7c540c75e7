/** Fakes for the supervisor's parts: a launcher whose processes end when the test says so, and instances made with it. */

import { Instance, type InstanceSpec } from '../../../packages/sandbox/src/supervisor/instance.ts';
import type { Command, Launch } from '../../../src/system/processes/launch.ts';
import type { VirtualClock } from '../../fakes/virtual-clock.ts';

export interface FakeLauncher {
  readonly launch: Launch;
  readonly commands: Command[];
  /** Ends the newest process. */
  end(how?: string): void;
}

export function fakeLauncher(firstPid = 1000): FakeLauncher {
  const commands: Command[] = [];
  let end: (how: string) => void = () => undefined;
  return {
    commands,
    end: (how = 'SIGKILL') => end(how),
    launch: async (command) => {
      commands.push(command);
      const ended = new Promise<string>((resolve) => {
        end = resolve;
      });
      return { identity: { pid: firstPid + commands.length, startTicks: String(commands.length) }, ended };
    },
  };
}

export interface Care {
  readonly instance: Instance;
  readonly launcher: FakeLauncher;
  /** What the readiness question answers from now on. */
  answers(ready: boolean): void;
  readonly changes: string[];
}

export function careFor(clock: VirtualClock, spec: Partial<InstanceSpec> = {}): Care {
  const launcher = fakeLauncher();
  const changes: string[] = [];
  let ready = false;
  const instance = new Instance(
    {
      service: 'gateway',
      instance: 'gateway-1',
      argv: ['node', 'gateway'],
      log: '/logs/gateway-1.log',
      cwd: '/sandbox',
      ready: async () => ready,
      ...spec,
    },
    {
      launch: launcher.launch,
      clock,
      changed: (one) => changes.push(`${one.victim?.pid ?? 'none'} ${one.ready ? 'ready' : 'not ready'}`),
    },
  );
  const answers = (value: boolean): void => {
    ready = value;
  };
  return { instance, launcher, changes, answers };
}
