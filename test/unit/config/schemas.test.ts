/**
 * The JSON Schemas in schemas/: fresh, good for every example, and good at finding mistakes, as a validator judges that knows
 * nothing of zod, from which they are made. After a change of a schema: npx vitest run -u <this file>.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type AnySchema, type ValidateFunction } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parseUserFile } from '../../../src/config/user-file.ts';
import { SCHEMA_KINDS } from '../../../src/run/files/schema-kinds.ts';
import { schemaText } from '../../../src/run/files/schemas.ts';
import { projectRoot } from '../../../src/system/project.ts';
import { goldenCases } from './golden-cases.ts';

const read = (...path: readonly string[]): string => readFileSync(join(projectRoot, ...path), 'utf8');

/** Read back from the file, so that what is asked is what an editor has. Strict: a keyword that means nothing is an error. */
const validator = (kind: string): ValidateFunction =>
  new Ajv({ strict: true, allowUnionTypes: true, allErrors: true }).compile(
    JSON.parse(read('schemas', `${kind}.json`)) as AnySchema,
  );

/** What an editor marks, each with its place. */
function marks(validate: ValidateFunction, data: unknown): readonly string[] {
  validate(data);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}

/** What an editor would mark; true when it is no YAML at all. */
function isMarked(validate: ValidateFunction, yaml: string): boolean {
  try {
    return marks(validate, parseUserFile('file.yaml', yaml).data).length > 0;
  } catch {
    return true;
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
    expect(marks(schema, parseUserFile(name, text).data)).toEqual([]);
  });

  it('finds the planted mistakes, but for those of one key because of another', () => {
    const cases = goldenCases(folder);
    const missed = cases.filter(({ yaml }) => !isMarked(schema, yaml)).map(({ title }) => title);
    expect(missed).toEqual(notFound);
  });
});

describe('the JSON Schemas of what a run writes', () => {
  const example = (name: string): string => read('reports', 'example', name);

  it('hold for the example run', () => {
    expect(marks(validator('result'), JSON.parse(example('result.json')))).toEqual([]);
    const line = validator('journal');
    const lines = example('journal.ndjson').trim().split('\n');
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.flatMap((text) => marks(line, JSON.parse(text)))).toEqual([]);
  });

  it.each([
    ['another schema', { schema: 'gauntlet.result/2' }, '/schema must be equal to constant'],
    ['no verdict', { verdict: undefined }, " must have required property 'verdict'"],
    [
      'a verdict of its own',
      { verdict: { status: 'GREEN', exitCode: 0, reasons: [] } },
      '/verdict/status must be equal to one of the allowed values',
    ],
    ['a text for its faults', { faults: 'none' }, '/faults must be array'],
  ] as const)('refuse a result with %s', (_what, over, mark) => {
    const result = JSON.parse(example('result.json')) as object;
    expect(marks(validator('result'), JSON.parse(JSON.stringify({ ...result, ...over })))).toContain(mark);
  });

  it('refuse a journal line of no known kind, and one without its undo data', () => {
    const line = validator('journal');
    expect(line({ kind: 'opened' })).toBe(false);
    const planned = example('journal.ndjson')
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as Record<string, unknown>);
    const written = planned.find((one) => 'undo' in one);
    expect(written && marks(line, written)).toEqual([]);
    expect(line({ ...written, undo: 7 })).toBe(false);
  });
});
