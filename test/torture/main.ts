/**
 * `npm run torture -- [--seed N] [--rounds R] [--from K] [--round K] [--seconds S]`: kills the harness at R
 * instants, with all faults, on one real sandbox. Exit 0 when every round left nothing, 1 when a round left
 * something or did not run, 64 for a bad option.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../../src/core/errors.ts';
import { systemNamed } from '../../src/run/files/systems.ts';
import { placesFrom } from '../../src/system/places.ts';
import { requireParts } from '../../src/system/toolchain/parts.ts';
import { startSandbox } from '../../src/targets/sandbox/sandbox.ts';
import { summary, torture } from './torture.ts';

const BAD_USAGE = 64;

function options(): { seed: number; indices: number[]; mostMs?: number } {
  const number = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { seed: number, rounds: number, from: number, round: number, seconds: number },
  });
  const read = (name: keyof typeof values, otherwise: number): number => {
    const text = values[name];
    if (text === undefined) return otherwise;
    if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name}: expected a whole number, got ${text}`);
    return Number(text);
  };
  if (values.round !== undefined && (values.rounds !== undefined || values.from !== undefined)) {
    throw new Error('--round: cannot be combined with --rounds or --from');
  }
  const first = read('round', read('from', 0));
  const count = values.round === undefined ? read('rounds', 200) : 1;
  if (count === 0) throw new Error('--rounds: expected at least 1, got 0');
  return {
    seed: read('seed', Date.now() % 1_000_000),
    indices: Array.from({ length: count }, (_, at) => first + at),
    ...(values.seconds !== undefined && { mostMs: read('seconds', 0) * 1000 }),
  };
}

let asked: ReturnType<typeof options>;
try {
  asked = options();
} catch (error) {
  console.error(messageOf(error));
  process.exit(BAD_USAGE);
}
const state = mkdtempSync(join(tmpdir(), 'gauntlet-torture-'));
const places = { cache: placesFrom(process.env).cache, state };
const progress = (text: string): void => console.error(text);
const tools = await requireParts(['redis', 'java', 'kafka'], { places, env: process.env, progress });
console.log(`seed ${asked.seed}, rounds ${asked.indices[0]} to ${asked.indices.at(-1)}`);
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => stop.abort(new Error(signal)));
// The name in the target file `sandbox`.
const system = systemNamed(null);
const options_ = {
  ...{ name: 'default', system, places, tools, progress },
  owner: 'caller',
  signal: stop.signal,
} as const;
const sandbox = await startSandbox(options_);
let exitCode = 1;
try {
  const rounds = await torture({
    ...asked,
    signal: stop.signal,
    sandbox: sandbox.state,
    places,
    print: (line) => console.log(line),
  });
  const clean = rounds.filter((one) => one.left.length === 0).length;
  console.log(`${summary(asked.seed, rounds)} (${asked.indices.length} asked for)`);
  const isWhole =
    clean === rounds.length &&
    (rounds.length === asked.indices.length || (asked.mostMs !== undefined && !stop.signal.aborted));
  exitCode = isWhole && rounds.length > 0 ? 0 : 1;
} catch (error) {
  console.error(messageOf(error));
} finally {
  await sandbox.stop();
  rmSync(state, { recursive: true, force: true });
}
process.exit(exitCode);
