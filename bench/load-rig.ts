/** Shared by the load benches: k6, a server process, and our own scenario in a closed loop. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ScenarioLoad } from '../src/core/load-plan.ts';
import { ms, perSecond } from '../src/core/units.ts';
import { placesFrom } from '../src/system/places.ts';
import { projectRoot } from '../src/system/project.ts';
import { requireParts } from '../src/system/toolchain/parts.ts';
import { SCENARIOS } from '../test/fakes/scenarios.ts';

export interface Rig {
  readonly k6: string;
  readonly runDir: string;
  readonly url: string;
  /** Number of requests that the server has answered so far. */
  requests(): Promise<number>;
  close(): void;
}

export async function openRig(): Promise<Rig> {
  const places = placesFrom(process.env);
  mkdirSync(places.cache, { recursive: true });
  const tools = await requireParts(['k6'], { places, env: process.env, progress: () => undefined });
  const runDir = mkdtempSync(join(tmpdir(), 'gauntlet-bench-'));
  const server = spawn(process.execPath, [join(import.meta.dirname, 'load-server.js')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: server.stdout });
  const line = async (): Promise<string> => String((await once(lines, 'line'))[0]);
  const port = await line();
  return {
    k6: tools.k6 ?? '',
    runDir,
    url: `http://127.0.0.1:${port}`,
    requests: async () => {
      const answer = line();
      server.stdin.write('?\n');
      return Number(await answer);
    },
    close: () => {
      server.kill();
      rmSync(runDir, { recursive: true });
    },
  };
}

const FLOW = 'gateway.intentions';
const EXECUTOR = 'gateway_intentions';

/** As in a campaign: without it k6 would have another memory limit than in production. */
const vuKbOf = (scenario: string): { readonly vuKb?: number } => {
  const vuKb = SCENARIOS.find((one) => one.name === scenario)?.vuKb;
  return vuKb === undefined ? {} : { vuKb };
};

/** Our own scenario, at the arrival rate of a plan. */
export const planOf = (rig: Pick<Rig, 'url'>, rate: number, vus: number): ScenarioLoad => ({
  scenario: 'gateway-intentions',
  script: join(projectRoot, 'scenarios', 'gateway-intentions.ts'),
  flows: [
    {
      ...{ flow: FLOW, executor: EXECUTOR, vus, worstStallMs: ms(5000) },
      schedule: { startRate: perSecond(rate), stages: [] },
    },
  ],
  ...vuKbOf('gateway-intentions'),
  env: { GAUNTLET_ADDRESS_GATEWAY: rig.url, GAUNTLET_RUN_ID: `bench-${Date.now()}` },
});

/** Our own scenario in a closed loop, at the maximum rate of k6, made by the same functions and options. */
export function closedLoop(rig: Rig, vus: number, seconds: number): ScenarioLoad {
  // Its samples are ranked by a schedule that is faster than any k6: with a slower one they would seem to be
  // due in the future, and be kept.
  const plan = planOf(rig, 50_000, vus);
  const script = join(rig.runDir, 'closed-loop.ts');
  const scenario = { executor: 'constant-vus', vus, duration: `${seconds}s`, exec: 'intention' };
  const tags = { flow: FLOW };
  writeFileSync(
    script,
    `import { intention } from ${JSON.stringify(plan.script)};
export { intention };
export const options = { scenarios: { ${EXECUTOR}: ${JSON.stringify({ ...scenario, tags, gracefulStop: '2s' })} } };
`,
  );
  return { ...plan, script };
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
