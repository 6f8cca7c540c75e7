/** Rounds of torture on containers of an engine: every fault on them, and `recover` where the keeper died too. */
import { faultNamed } from '../../src/chaos/faults/registry.ts';
import { memoryGroupOf, whyNoGroupIn } from '../../src/system/memory-cgroup.ts';
import type { Places } from '../../src/system/places.ts';
import type { Engine } from '../../src/targets/docker/engine.ts';
import { containerDifference, readContainers } from './docker-state.ts';
import { type Choice, drawChoice } from './draw.ts';
import { playRound, type Round } from './round.ts';
import { describeRound } from './torture.ts';

export interface DockerTorture {
  readonly seed: number;
  readonly indices: readonly number[];
  readonly engine: Engine;
  /** The target file. */
  readonly target: string;
  readonly places: Places;
  /** Ids of all its containers. */
  readonly containers: readonly string[];
  /** Services whose containers may be ended: another one each time, since the engine waits longer before each start. */
  readonly killed: readonly string[];
  /** One that works, and two of which the first dials the second. */
  readonly busy: string;
  readonly link: { readonly from: string; readonly to: string };
  print(line: string): void;
  readonly mostMs: number;
}

/** Without it the fault is refused, and tests nothing. */
const hasMemory = whyNoGroupIn(memoryGroupOf(process.pid)) === null;

/** Far above lease + 1 s: an act on an engine of a busy machine takes seconds. What is left is left for good. */
export const DOCKER_BOUND_MS = 30_000;

function choices({ killed, busy, link }: DockerTorture): readonly Choice[] {
  const { from, to } = link;
  const held = (fault: string, ...parameters: readonly string[]): Choice => ({
    fault: faultNamed(fault),
    write: () => ({ parameters, isHeld: true }),
  });
  const once = (fault: string, ...parameters: readonly string[]): Choice => ({
    fault: faultNamed(fault),
    write: (rng) => ({
      parameters: [`service=${killed[rng.below(killed.length)]}`, ...parameters],
      isHeld: false,
    }),
  });
  return [
    once('kill-pod'),
    once('kill-pod', 'signal=SIGTERM'),
    ...(hasMemory ? [once('memory-stress', 'size=96MiB')] : []),
    held('pause-pod', `service=${busy}`),
    held('scale', `service=${to}`, 'to=0', 'accept-outage=true'),
    held('cpu-stress', `service=${busy}`, 'workers=8'),
    held('cut-link', `from=${from}`, `to=${to}`),
    held('cut-link', `from=${to}`, 'to=everything'),
    held('half-open-link', `from=${from}`, `to=${to}`),
    held('reset-link', `from=${from}`, `to=${to}`),
    held('slow-link', `from=${from}`, `to=${to}`, 'bandwidth=1kbit/s'),
  ];
}

/** The rounds that ran; one that left something is the last one. */
export async function tortureDocker(request: DockerTorture): Promise<readonly Round[]> {
  const { seed, engine, target, places, containers, print } = request;
  const began = performance.now();
  const before = await readContainers(engine, containers);
  const rounds: Round[] = [];
  for (const index of request.indices) {
    if (performance.now() - began > request.mostMs) break;
    const round = await playRound(drawChoice(seed, index, choices(request)), {
      ...{ target: ['--target', target, '--yes'], places, undoBoundMs: DOCKER_BOUND_MS },
      look: async () => containerDifference(before, await readContainers(engine, containers)),
    });
    rounds.push(round);
    print(describeRound(round));
    if (round.left.length > 0) break;
  }
  return rounds;
}
