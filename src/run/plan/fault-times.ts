/** How long a fault may take to be over, by platform. */
import type { Topology } from '../../core/topology.ts';
import { type Ms, ms } from '../../core/units.ts';

/**
 * A pod may pull an image, load a model and wait 45 s for its first readiness probe; a process of the sandbox
 * does not.
 */
const POD_MS = 300_000;

/** How long a removal in a campaign may take, where pods do not have to come back. */
export const CAMPAIGN_REMOVAL_MS = ms(20_000);

/** What a removal may take above the usual time; the load must last for it, too. */
export const extraRemovalMs = (platform: Topology['platform'] | undefined): Ms =>
  ms(platform === 'kubernetes' ? POD_MS : 0);

export const removalTimeout = (platform: Topology['platform'], usual: Ms): Ms =>
  ms(usual + extraRemovalMs(platform));
