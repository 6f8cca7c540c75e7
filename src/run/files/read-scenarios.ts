/**
 * Asks k6 about the scenarios that a campaign names, before the campaign is read: their flows are what its
 * objectives may name.
 */
import type { ScenarioReadings } from '../../config/campaign-load.ts';
import { scenarioFrom } from '../../config/system/scenario-description.ts';
import { parseUserFile } from '../../config/user-file.ts';
import type { ScenarioReading } from '../../core/scenario.ts';
import type { System } from '../../core/system.ts';
import { readDescription } from '../../load/read-description.ts';
import { readText } from '../../system/read-text.ts';
import type { ToolContext } from '../../system/toolchain/part.ts';
import { requireParts } from '../../system/toolchain/parts.ts';
import { isScriptPath, scenarioFile } from './scenario-names.ts';
import { shownPath } from './shown-path.ts';

/**
 * Without names that no file has: the campaign's own check says which there are.
 * @throws unavailable when there is a scenario and no k6.
 */
export async function readScenarios(
  campaign: string,
  system: System,
  tools: ToolContext,
): Promise<ScenarioReadings> {
  const written = [...new Set(writtenIn(campaign))];
  const files = written.map((given) => [given, scenarioFile(given, campaign, system.name)] as const);
  if (!files.some(([, file]) => file !== undefined)) return new Map(files.flatMap(absent));
  const { k6 = '' } = await requireParts(['k6'], tools);
  const readings = files.map(async ([given, file]) => {
    if (file === undefined) return absent([given, file]);
    const name = isScriptPath(given) ? nameOf(file) : given;
    const answer = await readDescription(k6, file);
    const reading: ScenarioReading = answer.ok
      ? scenarioFrom(name, { file, shown: shownPath(file), text: readText(file) }, answer, system)
      : { ok: false, expected: 'a script that k6 can read', got: answer.why };
    return [[given, reading] as const];
  });
  return new Map((await Promise.all(readings)).flat());
}

/** A path is said here; a name is checked against those there are. */
const absent = ([given, file]: readonly [string, string | undefined]): readonly (readonly [
  string,
  ScenarioReading,
])[] => {
  if (file !== undefined || !isScriptPath(given)) return [];
  const expected = 'a scenario, by its path relative to this file';
  return [[given, { ok: false, expected, got: `${given}, and there is no such file` }]];
};

const nameOf = (file: string): string => (file.split('/').at(-1) ?? file).replace(/\.(ts|js)$/, '');

/** Nothing for a file that cannot be read: its problems are reported when the campaign is. */
function writtenIn(campaign: string): readonly string[] {
  try {
    const { load } = Object(parseUserFile(campaign, readText(campaign)).data) as { readonly load?: unknown };
    const items = Array.isArray(load) ? load : [];
    return items
      .map((item) => (Object(item) as { readonly scenario?: unknown }).scenario)
      .filter((one): one is string => typeof one === 'string' && one !== '');
  } catch {
    return [];
  }
}
