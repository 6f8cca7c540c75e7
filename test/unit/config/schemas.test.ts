/**
 * The JSON Schemas in schemas/: fresh, good for every example, and good at finding mistakes. After a change of a schema:
 * npx vitest run -u <this file>.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseUserFile } from '../../../src/config/user-file.ts';
import { SCHEMA_KINDS, schemaText } from '../../../src/run/files/schemas.ts';
import { projectRoot } from '../../../src/system/project.ts';
import { goldenCases } from './golden-cases.ts';

const read = (...path: readonly string[]): string => readFileSync(join(projectRoot, ...path), 'utf8');

/** Read back from the file, so that what is asked is what an editor has. */
const validator = (kind: string): z.ZodType =>
  z.fromJSONSchema(JSON.parse(read('schemas', `${kind}.json`)) as z.core.JSONSchema.JSONSchema);

/** What an editor would mark; null when it is no YAML at all. */
function accepts(schema: z.ZodType, yaml: string): boolean {
  try {
    return schema.safeParse(parseUserFile('file.yaml', yaml).data).success;
  } catch {
    return false;
  }
}

describe.each(SCHEMA_KINDS)('schemas/%s.json', (kind) => {
  it('is what the schema in src/config says', async () => {
    await expect(schemaText(kind)).toMatchFileSnapshot(join(projectRoot, 'schemas', `${kind}.json`));
  });
});

describe.each([
  {
    kind: 'campaign',
    folder: 'campaigns',
    notFound: [
      'one scenario twice',
      'only a hold',
      'redirects without HTTP',
      'weights that sum to nothing',
      'a recovery that is shorter than its hold',
      'a gate that finds less than it allows',
      'a gate whose looks do not fit its pairs',
    ],
  },
  {
    kind: 'target',
    folder: 'targets',
    notFound: [
      'addresses of a sandbox',
      'a sandbox of addresses',
      'kubernetes without its block',
      'a block without its platform',
    ],
  },
] as const)('the JSON Schema of a $kind', ({ kind, folder, notFound }) => {
  const schema = validator(kind);
  const examples = readdirSync(join(projectRoot, folder));

  it.each(examples)('is named in the first line of %s, which keeps to it', (name) => {
    const text = read(folder, name);
    expect(text.split('\n')[0]).toBe(`# yaml-language-server: $schema=../schemas/${kind}.json`);
    expect(schema.safeParse(parseUserFile(name, text).data).error?.issues ?? []).toEqual([]);
  });

  it('finds the planted mistakes, but for those of one key because of another', () => {
    const cases = goldenCases(folder);
    const missed = cases.filter(({ yaml }) => accepts(schema, yaml)).map(({ title }) => title);
    expect(missed).toEqual(notFound);
  });
});

describe('the JSON Schemas of what a run writes', () => {
  const example = (name: string): string => read('reports', 'example', name);

  it('hold for the example run', () => {
    const result = validator('result').safeParse(JSON.parse(example('result.json')));
    expect(result.error?.issues ?? []).toEqual([]);
    const line = validator('journal');
    const wrong = example('journal.ndjson')
      .trim()
      .split('\n')
      .flatMap((text) => line.safeParse(JSON.parse(text)).error?.issues ?? []);
    expect(wrong).toEqual([]);
  });

  it('refuse a result of another schema, and a journal line of no known kind', () => {
    const result = JSON.parse(example('result.json')) as object;
    expect(validator('result').safeParse({ ...result, schema: 'gauntlet.result/2' }).success).toBe(false);
    expect(validator('journal').safeParse({ kind: 'opened' }).success).toBe(false);
  });
});
