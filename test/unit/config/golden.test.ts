/**
 * What Gauntlet says about files with mistakes, word for word (golden/*.txt). After a change of words that is meant:
 * npx vitest run -u <this file>.
 */
import { describe, expect, it } from 'vitest';
import { parseCampaign } from '../../../src/config/read-campaign.ts';
import { GauntletError } from '../../../src/core/errors.ts';
import { KNOWN } from '../../fakes/scenarios.ts';
import { targetFrom } from '../../fakes/topology.ts';
import { goldenCases, goldenFile } from './golden-cases.ts';

const FILE = 'file.yaml';
const READERS = {
  campaigns: (text: string) => parseCampaign(FILE, text, KNOWN),
  targets: (text: string) => targetFrom(FILE, text),
};

function answerTo(read: (text: string) => unknown, yaml: string): string {
  try {
    read(yaml);
    return 'no problem';
  } catch (error) {
    if (error instanceof GauntletError && error.kind === 'usage') return error.message;
    throw error;
  }
}

describe.each(['campaigns', 'targets'] as const)('%s with mistakes', (kind) => {
  const cases = goldenCases(kind);

  it('are many, and each has something wrong', () => {
    expect(cases.length).toBeGreaterThanOrEqual(40);
    expect(cases.filter(({ yaml }) => answerTo(READERS[kind], yaml) === 'no problem')).toEqual([]);
  });

  it('are answered with exactly these words', async () => {
    const said = cases.map(({ title, yaml }) => {
      const answer = answerTo(READERS[kind], yaml).split('\n');
      return `### ${title}\n${yaml}${answer.map((line) => `=> ${line}\n`).join('')}`;
    });
    await expect(said.join('')).toMatchFileSnapshot(goldenFile(kind));
  });
});
