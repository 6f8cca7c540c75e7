/** The external programs that a run on a target needs. */
import type { TargetFile } from '../../config/read-target.ts';
import { partsOf } from '../../core/sandbox/processes.ts';
import type { PartName } from '../../core/tools.ts';

export const partsForTarget = ({
  platform,
  system,
}: Pick<TargetFile, 'platform' | 'system'>): readonly PartName[] =>
  platform === 'sandbox' ? ['k6', ...partsOf(system)] : ['k6'];
