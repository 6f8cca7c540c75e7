/**
 * Target file → a platform to act on. A sandbox that is not running is started, and then also stopped at the
 * end.
 */

import type { TargetFile } from '../../config/read-target.ts';
import { didYouMean } from '../../core/did-you-mean.ts';
import { GauntletError } from '../../core/errors.ts';
import { replicaBounds } from '../../core/system.ts';
import type { Tools } from '../../core/tools.ts';
import type { Topology } from '../../core/topology.ts';
import type { Places } from '../../system/places.ts';
import type { SandboxState } from '../../system/sandbox/state.ts';
import { requireSystem } from '../../system/sandbox/system-stamp.ts';
import { openPlatform } from '../../targets/open-platform.ts';
import { resolveTopology } from '../../targets/resolve-topology.ts';
import { findSandbox, listSandboxes, startSandbox } from '../../targets/sandbox/sandbox.ts';
import { namedTarget } from './names.ts';
import { openAddresses } from './open-addresses.ts';
import { type Acting, kubernetesTopology, openKubernetesTarget } from './open-kubernetes.ts';
import type { OpenTarget } from './opened.ts';

export interface OpenTargetOptions {
  readonly places: Places;
  readonly tools: Tools;
  readonly signal: AbortSignal;
  /** For the message to a second run: `run demo`. */
  readonly purpose: string;
  progress(text: string): void;
  recovered?: Acting['recovered'];
}

/** The identity that the target lock uses, known before anything is started. */
export async function targetIdentity(target: TargetFile, places: Places): Promise<string> {
  if (target.platform === 'kubernetes') return (await kubernetesTopology(target, places)).identity;
  return target.platform === 'sandbox' ? `sandbox:${sandboxName(target)}` : resolveTopology(target).identity;
}

/** The same, from what a user typed. */
export async function identityOf(given: string, places: Places): Promise<string> {
  return await targetIdentity(namedTarget(given), places);
}

export const sandboxName = (target: TargetFile): string => target.sandbox?.name ?? 'default';

export const isSandboxUp = (target: TargetFile, places: Places): boolean =>
  runningSandbox(target, places) !== undefined;

/** @throws refused when the sandbox of this name runs another system. */
function runningSandbox(target: TargetFile, places: Places): SandboxState | undefined {
  const running = findSandbox(sandboxName(target), places);
  if (running) requireSystem(running, target.system);
  return running;
}

/**
 * Null when it cannot be known without starting something: in a dry run a sandbox that is down has no
 * addresses.
 */
export async function peekTopology(target: TargetFile, places: Places): Promise<Topology | null> {
  if (target.platform === 'kubernetes') return await kubernetesTopology(target, places);
  if (target.platform !== 'sandbox') return resolveTopology(target);
  return runningSandbox(target, places)?.topology ?? null;
}

export async function openTarget(target: TargetFile, options: OpenTargetOptions): Promise<OpenTarget> {
  if (target.platform === 'kubernetes')
    return await openKubernetesTarget(target, options.places, {
      purpose: options.purpose,
      signal: options.signal,
      ...(options.recovered && { recovered: options.recovered }),
      tell: options.progress,
    });
  if (target.platform !== 'sandbox') return await openAddresses(target, options.places);
  const name = sandboxName(target);
  const running = runningSandbox(target, options.places);
  if (running) {
    options.progress(`using sandbox ${name}, which is already up`);
    return await opened(target, running, async () => undefined);
  }
  const sandbox = await startSandbox({
    name,
    system: target.system,
    places: options.places,
    tools: options.tools,
    owner: 'caller',
    progress: options.progress,
    signal: options.signal,
  });
  return await opened(target, sandbox.state, () => sandbox.stop());
}

/**
 * @param acting null = only reads: nothing is locked.
 * @throws unavailable when it is a sandbox that is not up: a fault by hand has no victim in a new one.
 */
export async function openRunningTarget(
  target: TargetFile,
  places: Places,
  acting: Acting | null = null,
): Promise<OpenTarget> {
  if (target.platform === 'kubernetes') return await openKubernetesTarget(target, places, acting);
  if (target.platform !== 'sandbox') return await openAddresses(target, places);
  const name = sandboxName(target);
  const running = runningSandbox(target, places);
  if (running) return await opened(target, running, async () => undefined);
  const hint = didYouMean(
    name,
    listSandboxes(places).map((one) => one.name),
  ).next;
  throw new GauntletError('unavailable', [
    {
      subject: `sandbox ${name}`,
      expected: 'a running sandbox',
      got: 'none',
      next: `${hint === undefined ? '' : `${hint} `}Start it with: gauntlet sandbox up${name === 'default' ? '' : ` --name ${name}`}`,
    },
  ]);
}

async function opened(
  { system }: TargetFile,
  state: SandboxState,
  close: () => Promise<void>,
): Promise<OpenTarget> {
  const own = await openPlatform({
    platform: 'sandbox',
    identity: state.topology.identity,
    stateFile: state.stateFile,
  });
  const platform = { ...own, replicas: replicaBounds(system) };
  return { platform, probeTopology: state.probeTopology, timers: state.timers, close };
}
