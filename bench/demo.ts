/** `npm run bench -- demo --rounds 10`: runs the demo repeatedly, as a user does, with one line per run. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Plan } from '../src/core/plan.ts';
import type { Result } from '../src/core/result.ts';
import { busyRatio, readCpu } from '../src/system/machine-cpu.ts';
import { programPath, projectRoot } from '../src/system/project.ts';

/** Pause between two runs, so that the printed idle CPU is that of the machine and not of the last run. */
const REST_MS = 5000;

interface DemoRun {
  readonly verdict: string;
  readonly line: string;
}

export async function benchDemo(rounds: number, args: readonly string[] = []): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gauntlet-demo-'));
  console.log(`demo, ${rounds} rounds; run folders in ${folder}`);
  const verdicts: string[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const from = readCpu();
    await sleep(REST_MS);
    const idle = 1 - busyRatio(from, readCpu());
    const { verdict, line } = await runDemo(join(folder, String(round)), args);
    verdicts.push(verdict);
    console.log(`${String(round).padStart(2)}  ${line}  idle CPU before ${(idle * 100).toFixed(0)} %`);
  }
  const passed = verdicts.filter((one) => one === 'PASS').length;
  console.log(`${passed} of ${rounds} PASS${passed === rounds ? '' : `: ${verdicts.join(', ')}`}`);
}

async function runDemo(out: string, args: readonly string[]): Promise<DemoRun> {
  const started = performance.now();
  const from = readCpu();
  const child = spawn(
    process.execPath,
    [programPath('src/cli/main'), 'run', 'campaigns/demo.yaml', '--out', out, ...args],
    { cwd: projectRoot, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-2000);
  });
  const [code] = await once(child, 'close');
  const busy = busyRatio(from, readCpu());
  const took = `${((performance.now() - started) / 1000).toFixed(0)} s`;
  if (!existsSync(join(out, 'result.json')))
    return { verdict: `exit ${code}`, line: `exit ${code} in ${took}: ${stderr.trim().split('\n').at(-1)}` };
  const result = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')) as Result;
  const plan = JSON.parse(readFileSync(join(out, 'plan.json'), 'utf8')) as Plan;
  const { status, reasons } = result.verdict;
  const why = reasons.find((one) => one.status === status && status !== 'PASS')?.text;
  const rates = plan.load.map(({ scenario, flows }) => {
    const rate = flows.reduce((sum, flow) => sum + flow.schedule.startRate, 0);
    return `${scenario} ${Number(rate.toPrecision(3))}/s`;
  });
  const p99s = Object.entries(result.flows).flatMap(([flow, phases]) => {
    const p99 = phases['baseline']?.responseMs.p99;
    return flow.startsWith('gateway') && typeof p99 === 'number' ? [`P99 ${p99.toFixed(0)} ms`] : [];
  });
  const line = [
    `${status} in ${took}`,
    rates.join(' + '),
    ...p99s,
    `CPU busy ${(busy * 100).toFixed(0)} %`,
    ...(why ? [why] : []),
  ];
  return { verdict: status, line: line.join(', ') };
}
