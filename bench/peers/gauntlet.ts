/**
 * Gauntlet's measurement of the same server: the demo's scenario at the same rate, and the response times of
 * its run folder.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ms } from '../../src/core/units.ts';
import { startLoad } from '../../src/load/load-session.ts';
import { readRunData } from '../../src/load/read-run-data.ts';
import { monotonicClock } from '../../src/system/monotonic-clock.ts';
import { placesFrom } from '../../src/system/places.ts';
import { requireParts } from '../../src/system/toolchain/parts.ts';
import { planOf } from '../load-rig.ts';
import type { Request, Tool } from './tools.ts';

const VUS = 600;
const FLOW = 'gateway.intentions';

export const GAUNTLET: Tool = {
  name: 'Gauntlet',
  settings: `k6 with ${VUS} VUs`,
  async measure({ url, rate, seconds, folder }: Request) {
    const places = placesFrom(process.env);
    const { k6 = '' } = await requireParts(['k6'], { places, env: process.env, progress: () => undefined });
    const runDir = join(folder, 'gauntlet');
    mkdirSync(runDir);
    const plan = [planOf({ url }, rate, VUS)];
    const session = await startLoad({
      ...{ plan, k6, seed: 1, clock: monotonicClock, durationMs: ms(seconds * 1000), runDir },
    });
    await session.finished;
    const { data } = readRunData(runDir);
    const { from, to } = data.span();
    const span = Array.from({ length: to - from }, (_, index) => from + index);
    const times = data.histogram(FLOW, 'response', span);
    const at = (share: number): number => {
      const us = times.valueAtQuantile(share);
      if (us === null) throw new Error('no response times');
      return us / 1000;
    };
    return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
  },
};
