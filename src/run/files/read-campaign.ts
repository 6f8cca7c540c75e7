/** A campaign file from disk, read with the available scenarios and faults. */
import { z } from 'zod';
import type { Fault } from '../../chaos/fault.ts';
import { FAULTS } from '../../chaos/faults/registry.ts';
import type { FaultWords, ReadFault } from '../../config/fault-list.ts';
import { CHOICES } from '../../config/forms.ts';
import { type Campaign, type Known, parseCampaign } from '../../config/read-campaign.ts';
import { readText } from '../../system/read-text.ts';

export const KNOWN_FAULTS: readonly FaultWords[] = FAULTS.map(wordsOf);

export type Readings = Pick<Known, 'names' | 'scenarios' | 'scripts' | 'asks' | 'system'>;

/**
 * @param readings what k6 said about its scenarios and foreign scripts.
 * @throws usage error with every problem of the file.
 */
export const readCampaign = (file: string, readings: Readings): Campaign =>
  parseCampaign(file, readText(file), { ...readings, faults: KNOWN_FAULTS });

/** Each fault parses its own parameters; editors use their schema. */
function wordsOf(fault: Fault): FaultWords {
  const keys = Object.keys(fault.parameters.shape);
  const parameters = z.unknown().transform((raw, ctx): ReadFault => {
    const parsed = fault.parse(raw);
    if (parsed.ok) {
      const { spec, holdMs, endsInMs } = parsed;
      return { spec: spec as ReadFault['spec'], holdMs, ...(endsInMs && { endsInMs }) };
    }
    for (const { path, expected, ...said } of parsed.problems) {
      const at = path === '' ? [] : [path];
      const isKey = path !== '' && !keys.includes(path);
      const params = isKey
        ? { ...said, keys, ...(path === 'for' && { subject: `${fault.name}.for` }) }
        : said;
      ctx.issues.push({ code: 'custom', input: raw, message: expected, path: at, params });
    }
    return z.NEVER;
  });
  const named = parameters.register(CHOICES, { options: [fault.parameters] }).meta({ id: fault.name });
  return { name: fault.name, parameters: named };
}
