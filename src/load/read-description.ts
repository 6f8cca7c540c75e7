/** What a scenario says about itself: `options.ext.gauntlet` and its exports, evaluated by k6. */
import { askK6, saidIn } from './ask-k6.ts';
import { readingEntry } from './foreign-entry.ts';

export type DescriptionAnswer =
  | { readonly ok: true; readonly description: unknown; readonly names: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly why: string };

/** Takes about 50 ms. The script knows by GAUNTLET_READING that there is no load. */
export async function readDescription(k6: string, file: string): Promise<DescriptionAnswer> {
  const env = { GAUNTLET_READING: '1' };
  const answer = await askK6(
    { k6, file, env },
    ['inspect', '--include-system-env-vars', '-'],
    readingEntry(file),
  );
  if (!answer.ok) return answer;
  const { options, names } = saidIn(answer.value);
  const { ext } = options as { readonly ext?: { readonly gauntlet?: unknown } };
  return { ok: true, description: ext?.gauntlet, names };
}
