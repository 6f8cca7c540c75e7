/** Resolves a target's pods as a fault does, in a process of its own, so that its memory is its own: argv[2] is the handle. */
import type { InstanceState } from '../../src/core/acts/instance-acts.ts';
import type { PlatformHandle } from '../../src/core/acts/platform.ts';
import { openKubePlatform } from '../../src/kube/kube-platform.ts';

const handle = JSON.parse(process.argv[2] ?? '') as PlatformHandle;
const platform = openKubePlatform(handle);
const times: number[] = [];
let found: readonly InstanceState[] = [];
for (let round = 0; round < 3; round += 1) {
  const started = performance.now();
  found = await platform.instances.list();
  times.push(Math.round(performance.now() - started));
}
platform.close?.();
const ready = found.filter((one) => one.ready).length;
process.stdout.write(
  JSON.stringify({ pods: found.length, ready, times, maxRssMb: process.resourceUsage().maxRSS / 1000 }),
);
