/** A harness that dies without a word, and its keeper with it where that is asked for. */
import { expect } from 'vitest';
import { signalProcess } from '../../support/signal-process.ts';
import type { KubeBench } from './kube-bench.ts';

/** @returns when, by performance.now(). */
export async function killHarness(
  bench: KubeBench,
  running: ReturnType<KubeBench['start']>,
  keeperToo: boolean,
): Promise<number> {
  const keepers = bench.leftovers('keeper');
  expect(keepers.length).toBeGreaterThan(0);
  const killed = performance.now();
  running.child.kill('SIGKILL');
  if (keeperToo) for (const line of keepers) signalProcess(Number(line.split(' ')[0]), 'SIGKILL');
  await running.finished;
  return killed;
}
