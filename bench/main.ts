/**
 * `npm run bench`: every figure is a ratio or comes from alternating measurements in one run, because these
 * machines are too noisy for absolute figures.
 */
import { spawnSync } from 'node:child_process';
import { programPath } from '../src/system/project.ts';
import { benchDemo } from './demo.ts';
import { benchFlow, renderFlow } from './flow.ts';
import { benchGate, renderGate } from './gate.ts';
import { benchHarnessMemory, renderHarnessMemory } from './harness-memory.ts';
import { benchMerge, renderMerge } from './histograms.ts';
import { measureIngest } from './ingest.ts';
import { benchK6Cost, renderK6Cost } from './k6-cost.ts';
import { benchMemory, renderMemory } from './memory.ts';
import { benchPage, renderPage } from './page.ts';
import { benchPeers } from './peers/bench.ts';
import { benchProxy, renderProxyBench } from './proxy.ts';
import { benchSandboxCpu, readCpuOptions, renderSandboxCpu } from './sandbox-cpu.ts';
import { benchToxiproxy } from './toxiproxy.ts';

const ROUNDS = 9;
/**
 * Benches that run only when named: two million HTTP iterations take a quarter of an hour on a small machine.
 */
const [what, iterations, mostSeconds = '1200', rate = '2000'] = process.argv.slice(2);
if (what === 'demo') {
  const rounds = process.argv.indexOf('--rounds');
  await benchDemo(rounds < 0 ? 10 : Number(process.argv[rounds + 1]));
  process.exit(0);
}
if (what === 'memory') {
  console.log(
    renderMemory(await benchMemory(Number(iterations ?? 2_000_000), Number(mostSeconds), Number(rate))),
  );
  process.exit(0);
}
if (what === 'harness-memory') {
  console.log(renderHarnessMemory(await benchHarnessMemory(Number(iterations ?? 2))));
  process.exit(0);
}
if (what === 'flow') {
  const [rounds = '3', perSecond = '200', seconds = '20'] = process.argv.slice(3);
  console.log(renderFlow(await benchFlow(Number(rounds), Number(perSecond), Number(seconds))));
  process.exit(0);
}
if (what === 'gate') {
  console.log(renderGate(await benchGate()));
  process.exit(0);
}
if (what === 'page') {
  console.log(renderPage(await benchPage()));
  process.exit(0);
}
if (what === 'cpu') {
  console.log(renderSandboxCpu(await benchSandboxCpu(readCpuOptions(process.argv.slice(3)))));
  process.exit(0);
}
if (what === 'peers') {
  console.log(await benchPeers(process.argv.slice(3)));
  process.exit(0);
}
if (what === 'toxiproxy') {
  console.log(await benchToxiproxy());
  process.exit(0);
}

/** Median wall time of a whole Node process, in ms. */
function medianMs(args: readonly string[]): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const from = performance.now();
    spawnSync(process.execPath, args);
    return performance.now() - from;
  });
  return times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN;
}

const [help, bare] = [medianMs([programPath('src/cli/main'), '--help']), medianMs(['-e', '0'])];
console.log(
  `gauntlet --help          ${help.toFixed(0)} ms (a bare node ${bare.toFixed(0)} ms, ratio ${(help / bare).toFixed(2)})`,
);

measureIngest(20_000);
const ingest = measureIngest();
const millions = (value: number): string => `${(value / 1e6).toFixed(1)} M lines/s`;
console.log(
  `sample stream            reader ${millions(ingest.readerLinesPerSecond)}, to histograms ${millions(ingest.wholeLinesPerSecond)}`,
);
console.log(`harness CPU for samples  ${ingest.wholeUsPerArrival.toFixed(1)} µs per arrival`);

console.log(renderMerge(benchMerge()));
console.log(renderGate(await benchGate()));
console.log(renderK6Cost(await benchK6Cost()));

console.log(renderProxyBench(await benchProxy()));
process.exit(0);
