/** The doctor's questions before a night: a campaign on a target that is ill measures the illness. */
import { faultNamed } from '../chaos/faults/registry.ts';
import type { Campaign } from '../config/read-campaign.ts';
import type { TargetFile } from '../config/read-target.ts';
import { GauntletError } from '../core/errors.ts';
import { checkOpened } from './check-target.ts';
import type { OpenTarget } from './open/opened.ts';

/** @throws unavailable with all that is wrong: parts that do not answer, rights and names that lack. */
export async function requireHealthy(
  target: TargetFile,
  opened: OpenTarget,
  { faults }: Pick<Campaign, 'faults'>,
): Promise<void> {
  const kinds = [...new Set(faults.map((one) => one.kind))];
  const checks = await checkOpened(target, opened, kinds.map(faultNamed));
  const wrong = checks.filter((one) => !one.ok);
  if (wrong.length === 0) return;
  const next = `See gauntlet doctor --target ${target.name}.`;
  throw new GauntletError(
    'unavailable',
    wrong.map(({ subject, detail }) => ({
      ...{ subject, expected: 'to be well before the night', got: detail, next },
    })),
  );
}
