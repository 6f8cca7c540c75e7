/** The lease keeper, a process of its own: stdin is the harness (`renew`, `bye`, or silence), argv[2] its configuration. */
import { runKeeper } from '../../chaos/keeper.ts';
import type { KeeperConfig } from '../../chaos/lease.ts';
import { messageOf } from '../../core/errors.ts';
import { ms } from '../../core/units.ts';
import { monotonicClock } from '../../system/monotonic-clock.ts';
import { openPlatform } from '../../targets/open-platform.ts';

/** Something could not be undone: `gauntlet recover` tries again. */
const RESIDUE = 5;
const DEFECT = 70;

// The harness's terminal may close, and a shutdown signals everybody: the keeper outlives both until it is done.
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
// Nobody reads stdout once the harness is dead.
process.stdout.on('error', () => undefined);

try {
  const config = JSON.parse(process.argv[2] ?? '') as KeeperConfig;
  process.stdout.write('ready\n');
  const end = await runKeeper(process.stdin, {
    journal: config.journal,
    ttlMs: ms(config.ttlMs),
    removalTimeoutMs: ms(config.removalTimeoutMs),
    clock: monotonicClock,
    holder: `keeper pid ${process.pid}`,
    openPlatform,
  });
  if (end.why !== 'bye') process.stderr.write(`${new Date().toISOString()} ${JSON.stringify(end)}\n`);
  process.exit(end.residue.length === 0 ? 0 : RESIDUE);
} catch (error) {
  process.stderr.write(`${new Date().toISOString()} ${messageOf(error)}\n`);
  process.exit(DEFECT);
}
