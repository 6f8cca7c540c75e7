/** Injects one fault as a run does, with a lease that is never lost and a policy that allows everything. */
import { join } from 'node:path';
import { createJournal, type Journal } from '../../../src/chaos/healing/journal.ts';
import type { FaultOutcome, FaultRequest } from '../../../src/chaos/injector/fault-request.ts';
import type { World } from '../../../src/chaos/world.ts';
import type { Platform } from '../../../src/core/acts/platform.ts';
import { seededRng } from '../../../src/core/rng.ts';
import { monotonicClock } from '../../../src/system/monotonic-clock.ts';
import { openPlatform } from '../../../src/targets/open-platform.ts';
import { ProbeWatch } from '../../../src/targets/probes/probe-watch.ts';
import {
  listSandboxes,
  type SandboxHandle,
  startSandbox,
  stopSandbox,
} from '../../../src/targets/sandbox/sandbox.ts';
import { defaultSystem } from '../../fakes/topology.ts';
import { plannedFault } from '../../programs/planned-fault.ts';
import type { TestBed } from '../support-sandbox/test-bed.ts';
import { injectOnce } from './inject-once.ts';

/** A whole sandbox with its platform, its probes and a real journal. */
export interface FaultBench {
  readonly sandbox: SandboxHandle;
  readonly platform: Platform;
  readonly journal: Journal;
  world(): World;
  run(kind: string, raw: unknown, over?: Partial<FaultRequest>): Promise<FaultOutcome>;
  close(): Promise<void>;
}

export async function faultBench(name: string, { places, tools }: TestBed): Promise<FaultBench> {
  const progress = (): void => undefined;
  const sandbox = await startSandbox({
    name,
    system: defaultSystem(),
    places,
    tools,
    owner: 'caller',
    progress,
  });
  const { stateFile, topology, probeTopology } = sandbox.state;
  const handle = { platform: 'sandbox', identity: topology.identity, stateFile } as const;
  const platform = await openPlatform(handle);
  const feed = new ProbeWatch({ topology: probeTopology, clock: monotonicClock });
  const path = join(places.state, 'run', 'journal.ndjson');
  const journal = createJournal({ path, places, run: name, platform: handle, clock: monotonicClock });
  const world = (): World => ({ platform, clock: monotonicClock, rng: seededRng(1) });
  return {
    sandbox,
    platform,
    journal,
    world,
    run: (kind, raw, over = {}) =>
      injectOnce({ planned: plannedFault(kind, raw), world: world(), feed, journal, ...over }),
    async close() {
      await feed.stop();
      for (const one of listSandboxes(places)) await stopSandbox(one.name, places);
    },
  };
}
