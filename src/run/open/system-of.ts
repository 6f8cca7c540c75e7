/** Which system a campaign is for: that of its target. */
import { parseUserFile } from '../../config/user-file.ts';
import type { System } from '../../core/system.ts';
import { readText } from '../../system/read-text.ts';
import { findSystem } from '../files/systems.ts';
import { namedTarget } from './names.ts';

/**
 * The default system when the target cannot be read: its problems are then reported with those of the
 * campaign.
 * @param target as the user named it; undefined: the one that the campaign names.
 */
export function systemOf(campaign: string, target: string | undefined): System {
  try {
    const found =
      target === undefined ? namedTarget(targetIn(campaign), { file: campaign }) : namedTarget(target);
    return found.system;
  } catch {
    const system = findSystem(null, '');
    if ('expected' in system)
      throw new Error(`package.json names no system that is there: ${system.expected}`);
    return system;
  }
}

function targetIn(campaign: string): string {
  const { target } = Object(parseUserFile(campaign, readText(campaign)).data) as {
    readonly target?: unknown;
  };
  return typeof target === 'string' ? target : 'sandbox';
}
