/**
 * The lease keeper, a separate process: stdin is the harness (`renew`, `bye`, or silence), argv[2] its
 * configuration.
 */
import { spawn } from 'node:child_process';
import { NOT_RENEWED } from '../../chaos/healing/journal.ts';
import { outlive, runKeeper } from '../../chaos/healing/keeper.ts';
import type { KeeperConfig } from '../../chaos/healing/lease.ts';
import { messageOf } from '../../core/errors.ts';
import { ms } from '../../core/units.ts';
import { monotonicClock } from '../../system/monotonic-clock.ts';
import { secretsFrom } from '../../system/secrets/secret-value.ts';
import { openPlatform } from '../../targets/open-platform.ts';

/** A fault could not be undone: `gauntlet recover` tries again. */
const RESIDUE = 5;
const DEFECT = 70;

// The harness's terminal may close, and a shutdown signals every process: the keeper ignores both until it is
// done.
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
// Nothing reads stdout once the harness is dead.
process.stdout.on('error', () => undefined);

/** The last line of the log, for a reader that looks for residue. */
const say = (end: unknown): boolean =>
  process.stderr.write(`${new Date().toISOString()} ${JSON.stringify(end)}\n`);

// The harness gave it its own environment.
secretsFrom(process.env);
try {
  const config = JSON.parse(process.argv[2] ?? '') as KeeperConfig;
  const request = {
    journal: config.journal,
    removalTimeoutMs: ms(config.removalTimeoutMs),
    clock: monotonicClock,
    holder: `keeper pid ${process.pid}`,
    openPlatform,
  };
  if (config.outlives === true) {
    const end = await outlive(request);
    if (end.undone.length + end.residue.length > 0)
      say({ why: 'the harness, which had hung, has ended', ...end });
    process.exit(end.residue.length === 0 ? 0 : RESIDUE);
  }
  process.stdout.write('ready\n');
  const end = await runKeeper(process.stdin, { ...request, ttlMs: ms(config.ttlMs) });
  if (end.why !== 'bye') say(end);
  if (end.why === NOT_RENEWED) {
    const argv = [...process.argv.slice(1, 2), JSON.stringify({ ...config, outlives: true })];
    spawn(process.execPath, argv, { detached: true, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  process.exit(end.residue.length === 0 ? 0 : RESIDUE);
} catch (error) {
  process.stderr.write(`${new Date().toISOString()} ${messageOf(error)}\n`);
  process.exit(DEFECT);
}
