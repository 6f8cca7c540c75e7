/** How long the removal of a fault may take, by platform. */
import type { PlannedFault } from '../../core/plan.ts';
import type { Topology } from '../../core/topology.ts';
import { type Ms, ms } from '../../core/units.ts';

/**
 * A pod may pull an image, load a model and wait 45 s for its first readiness probe; a process of the sandbox
 * does not.
 */
const POD_MS = 300_000;

/** A health check comes every 30 s by default, and may need several good answers. */
const CONTAINER_MS = 120_000;

/** How long a removal in a campaign may take, where no pod has to recover. */
export const CAMPAIGN_REMOVAL_MS = ms(20_000);

/** The time above the usual that a removal may take; the load must last for it, too. */
export const extraRemovalMs = (platform: Topology['platform'] | undefined): Ms =>
  ms(platform === 'kubernetes' ? POD_MS : platform === 'docker' ? CONTAINER_MS : 0);

export const removalTimeout = (platform: Topology['platform'], usual: Ms): Ms =>
  ms(usual + extraRemovalMs(platform));

/** The same for one fault, whose author may say how long. */
export const removalOf = (
  { endsInMs }: Pick<PlannedFault, 'endsInMs'>,
  platform: Topology['platform'],
  usual: Ms,
): Ms => endsInMs ?? removalTimeout(platform, usual);
