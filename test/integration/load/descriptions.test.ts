/** What k6 says about the scenarios that come with Gauntlet, and what is no scenario. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readScenarios } from '../../../src/run/files/read-scenarios.ts';
import { placesFrom } from '../../../src/system/places.ts';
import { KNOWN } from '../../fakes/scenarios.ts';
import { defaultSystem } from '../../fakes/topology.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gauntlet-descriptions-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const TOOLS = { places: placesFrom(process.env), env: process.env, progress: () => undefined };

async function read(...scenarios: readonly string[]) {
  const campaign = join(folder, 'c.yaml');
  const load = scenarios.map((one) => `  - { scenario: ${one}, rate: 1/s }\n`).join('');
  writeFileSync(campaign, `name: c\nload:\n${load}`);
  return await readScenarios(campaign, defaultSystem(), TOOLS);
}

async function readOwn(text: string) {
  writeFileSync(join(folder, 'own.ts'), text);
  return (await read('./own.ts')).get('./own.ts');
}

it('the scenarios of Gauntlet say of themselves what the unit tests know of them', async () => {
  expect(await read(...KNOWN.names)).toEqual(KNOWN.scenarios);
});

it('a script beside the campaign is named by its path, and a flow is made for each service that fits', async () => {
  const own = await readOwn(`
    export const options = { ext: { gauntlet: {
      summary: 'mine', timeLimit: '2s', flows: { 'mine.{kind}': { service: 'specialist-{kind}' } },
    } } };
    export default function () {}
  `);
  expect(own).toMatchObject({
    ok: true,
    entry: { name: 'own', file: join(folder, 'own.ts'), worstStallMs: 2000, http: false },
  });
  expect(own?.ok && own.entry.services['mine.business']).toBe('specialist-business');
});

it('a script that says nothing, something wrong, or fails is refused with what it is', async () => {
  expect(await readOwn('export default function () {}')).toEqual({
    ok: false,
    expected: 'a scenario that describes itself (gauntlet schema scenario)',
    got: 'one without options.ext.gauntlet',
    next: 'Use it as it is with: script: PATH.',
  });
  const flows = "flows: { 'a.b': { service: 'gateway' } }";
  expect(
    await readOwn(
      `export const options = { ext: { gauntlet: { sumary: 'x', timeLimit: '2s', ${flows} } } };`,
    ),
  ).toMatchObject({
    ok: false,
    problems: [
      { subject: 'summary', expected: 'one sentence', got: 'nothing', place: { line: 1 } },
      {
        subject: 'description key',
        got: '"sumary"',
        next: 'Did you mean summary?',
        place: { line: 1, column: 45 },
      },
    ],
  });
  expect(
    await readOwn(
      "export const options = { ext: { gauntlet: { summary: 'x', timeLimit: '2s', flows: { a: { service: 'shop' } } } } };",
    ),
  ).toMatchObject({ ok: false, got: 'one for shop' });
  const told = "summary: 'x', timeLimit: '2s', flows: { a: { service: 'gateway', exec: 'bye' } }";
  expect(
    await readOwn(
      `export const options = { ext: { gauntlet: { ${told} } } }; export function buy() {} export const n = 1;`,
    ),
  ).toEqual({
    ok: false,
    expected: 'a script that exports the function bye, which a flow of its description names',
    got: 'buy',
    next: 'Did you mean buy?',
  });
  expect(await readOwn('this is no script')).toMatchObject({
    ok: false,
    expected: 'a script that k6 can read',
  });
  expect((await read('./none.ts')).get('./none.ts')).toMatchObject({
    ok: false,
    got: './none.ts, and there is no such file',
  });
});
