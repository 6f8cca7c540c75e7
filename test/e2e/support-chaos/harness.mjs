/** A harness of its own, to be killed: the real lease, journal, probes and injector, compiled; tells its events on stdout. */
import { join } from 'node:path';
import { runFault } from '../../../dist/src/chaos/injector.js';
import { createJournal } from '../../../dist/src/chaos/journal.js';
import { startLease } from '../../../dist/src/chaos/lease.js';
import { faultNamed } from '../../../dist/src/chaos/registry.js';
import { seededRng } from '../../../dist/src/core/rng.js';
import { monotonicClock } from '../../../dist/src/system/monotonic-clock.js';
import { openPlatform } from '../../../dist/src/targets/open-platform.js';
import { ProbeWatch } from '../../../dist/src/targets/probes/probe-watch.js';

const config = JSON.parse(process.argv[2]);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const places = { cache: config.folder, state: join(config.folder, 'state') };
const handle = { platform: 'sandbox', identity: 'sandbox:e2e', stateFile: config.stateFile };
const platform = await openPlatform(handle);
const path = join(config.folder, 'run', 'journal.ndjson');
const journal = createJournal({ path, places, run: 'e2e', platform: handle, clock: monotonicClock });
const lease = await startLease({ journal: path, ttlMs: config.ttlMs });
say({ kind: 'lease', holder: lease.holder });
const feed = new ProbeWatch({ topology: platform.topology, clock: monotonicClock });
const kind = config.fault ?? 'throttle-redis';
const raw = { ...(config.fault ? {} : { latency: '80ms' }), for: config.hold };
const parsed = faultNamed(kind).parse(raw);
const planned = {
  name: kind,
  kind,
  spec: parsed.spec,
  written: '',
  holdMs: parsed.holdMs,
};
const record = await runFault({
  planned,
  world: { platform, clock: monotonicClock, rng: seededRng(1) },
  feed,
  journal,
  lease,
  policy: { optIn: true, protected: [], hours: 'any' },
  signal: new AbortController().signal,
  report: say,
  impairmentTtlMs: config.impairmentTtlMs,
});
say({ kind: 'record', record });
await feed.stop();
journal.finish();
await lease.release();
