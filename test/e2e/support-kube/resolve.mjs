/** Resolves a target's pods as a fault does, in a process of its own, so that its memory is its own: argv[2] is the handle. */
import { openKubePlatform } from '../../../dist/src/kube/kube-platform.js';

const handle = JSON.parse(process.argv[2]);
const platform = openKubePlatform(handle);
const times = [];
let found = [];
for (let round = 0; round < 3; round += 1) {
  const started = performance.now();
  found = await platform.instances.list();
  times.push(Math.round(performance.now() - started));
}
platform.close();
const ready = found.filter((one) => one.ready).length;
process.stdout.write(
  JSON.stringify({ pods: found.length, ready, times, maxRssMb: process.resourceUsage().maxRSS / 1000 }),
);
