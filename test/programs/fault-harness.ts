/**
 * A separate harness that tests kill: the real lease, journal, probes and injector, compiled; it prints its
 * events on stdout.
 */
import { join } from 'node:path';
import { createJournal } from '../../src/chaos/healing/journal.ts';
import { startLease } from '../../src/chaos/healing/lease.ts';
import { runFault } from '../../src/chaos/injector/injector.ts';
import type { PlatformHandle } from '../../src/core/acts/platform.ts';
import { seededRng } from '../../src/core/rng.ts';
import { ms } from '../../src/core/units.ts';
import { monotonicClock } from '../../src/system/monotonic-clock.ts';
import { openPlatform } from '../../src/targets/open-platform.ts';
import { ProbeWatch } from '../../src/targets/probes/probe-watch.ts';
import { plannedFault } from './planned-fault.ts';

export interface HarnessConfig {
  readonly folder: string;
  readonly stateFile: string;
  readonly ttlMs: number;
  readonly hold: string;
  /** The kind of a fault that needs no parameters; without it the link to Redis is slowed by 80 ms. */
  readonly fault?: string;
  readonly impairmentTtlMs?: number;
}

const config = JSON.parse(process.argv[2] ?? '') as HarnessConfig;
const say = (line: object): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);
const places = { cache: config.folder, state: join(config.folder, 'state') };
const handle: PlatformHandle = { platform: 'sandbox', identity: 'sandbox:e2e', stateFile: config.stateFile };
const platform = await openPlatform(handle);
const path = join(config.folder, 'run', 'journal.ndjson');
const journal = createJournal({ path, places, run: 'e2e', platform: handle, clock: monotonicClock });
const lease = await startLease({ journal: path, ttlMs: ms(config.ttlMs) });
say({ kind: 'lease', holder: lease.holder });
const feed = new ProbeWatch({ topology: platform.topology, clock: monotonicClock });
const kind = config.fault ?? 'throttle-redis';
const raw = { ...(config.fault ? {} : { latency: '80ms' }), for: config.hold };
const record = await runFault({
  planned: plannedFault(kind, raw),
  world: { platform, clock: monotonicClock, rng: seededRng(1) },
  feed,
  journal,
  lease,
  policy: { optIn: true, protected: [], hours: 'any' },
  signal: new AbortController().signal,
  report: say,
  ...(config.impairmentTtlMs && { impairmentTtlMs: ms(config.impairmentTtlMs) }),
});
say({ kind: 'record', record });
await feed.stop();
journal.finish();
await lease.release();
