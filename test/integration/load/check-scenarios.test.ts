import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GauntletError } from '../../../src/core/errors.ts';
import { checkScenarios } from '../../../src/load/check-scenarios.ts';
import { lintImports } from '../../../src/load/lint-imports.ts';

const repository = resolve(import.meta.dirname, '../../..');
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gauntlet-scenarios-'));
  mkdirSync(join(root, 'scenarios/lib'), { recursive: true });
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
  const compilerOptions = {
    ...{ target: 'ES2023', lib: ['ES2023'], types: ['k6'], module: 'ESNext', moduleResolution: 'Bundler' },
    ...{ strict: true, verbatimModuleSyntax: true, allowImportingTsExtensions: true, noEmit: true },
  };
  put('tsconfig.json', JSON.stringify({ compilerOptions, include: ['.'] }));
  put('lib/words.ts', 'export interface Word { text: string }\nexport const hello = "olá";\n');
});
afterEach(() => rmSync(root, { recursive: true }));

const put = (name: string, text: string): void => writeFileSync(join(root, 'scenarios', name), text);
const check = () =>
  checkScenarios({ root, places: { cache: join(root, 'cache'), state: join(root, 'state') } });
async function problems(): Promise<string> {
  const error = await check().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(GauntletError);
  expect((error as GauntletError).kind).toBe('usage');
  return (error as GauntletError).message;
}

describe('checking the scenarios', () => {
  it('accepts good scripts, and asks tsc only once for the same bytes', async () => {
    put('a.ts', "import http from 'k6/http';\nimport { hello } from './lib/words.ts';\nhttp.get(hello);\n");
    await check();
    const [checked = '', ...others] = readdirSync(join(root, 'cache/scenario-checks'));
    expect(others).toEqual([]);
    // What tsc has said of these bytes is on the disk: without a tsc it is known all the same.
    const written = statSync(join(root, 'cache/scenario-checks', checked)).mtimeMs;
    await check();
    expect(statSync(join(root, 'cache/scenario-checks', checked)).mtimeMs).toBe(written);
    put('a.ts', 'export const fine = 1;\n');
    await check();
    expect(readdirSync(join(root, 'cache/scenario-checks'))).toHaveLength(2);
  });

  it('checks scripts without a tsconfig of their own by the rules of those that come with Gauntlet', async () => {
    rmSync(join(root, 'scenarios/tsconfig.json'));
    put('a.ts', "import http from 'k6/http';\nexport const rate: number = http.get('/').body;\n");
    expect(await problems()).toMatch(
      /^scenarios\/a\.ts:2:14: types: expected a script that tsc accepts, got TS2322: /,
    );
    put('a.ts', "import http from 'k6/http';\nhttp.get('/');\n");
    await check();
  });

  it('names a type error with file, line and column, every time', async () => {
    put('a.ts', "\nexport const rate: number = 'fast';\n");
    const expected =
      "scenarios/a.ts:2:14: types: expected a script that tsc accepts, got TS2322: Type 'string' is not assignable to type 'number'.";
    expect(await problems()).toBe(expected);
    expect(await problems()).toBe(expected);
  });

  it('refuses a type import that is not marked: k6 would look for it at run time', async () => {
    put('a.ts', "import { Word } from './lib/words.ts';\nexport const word: Word = { text: 'oi' };\n");
    expect(await problems()).toMatch(
      /^scenarios\/a\.ts:1:10: types: expected a script that tsc accepts, got TS1484: 'Word' is a type/,
    );
  });

  it('names every import that k6 would not find, all at once', async () => {
    put('a.ts', "import { hello } from './lib/words';\nimport _ from 'lodash';\nhello;\n");
    put('b.ts', "\nimport redis from 'k6/x/redis';\n");
    expect(await problems()).toBe(
      [
        "scenarios/a.ts:1:24: import: expected k6, k6/... or a relative file with its extension, got './lib/words'. Write './lib/words.ts': k6 guesses no extension.",
        "scenarios/a.ts:2:16: import: expected k6, k6/... or a relative file with its extension, got 'lodash'. k6 does not look into node_modules.",
        "scenarios/b.ts:2:20: import: expected k6, k6/... or a relative file with its extension, got 'k6/x/redis'. k6 would download its extensions from the network.",
      ].join('\n'),
    );
  });
});

describe('the lint of imports', () => {
  const wrong = (text: string): string[] => lintImports('x.ts', text).map((one) => one.got ?? '');

  it('sees static, re-exported, side-effect, type and dynamic imports, and require', () => {
    const text = [
      "import a from 'one';",
      "export { b } from 'two';",
      "import 'three';",
      "import type { C } from 'four';",
      "const d = await import('five');",
      "const e = require('./six.js');",
      "import {\n  f,\n} from 'seven';",
    ].join('\n');
    expect(wrong(text)).toEqual(["'one'", "'two'", "'three'", "'four'", "'five'", "'./six.js'", "'seven'"]);
  });

  it('is not misled by comments, by texts or by other calls', () => {
    const text = [
      "// import a from 'one';",
      "/* import b from 'two'; */",
      "const c = open('./data.json');",
      "const url = 'http://x/'; import k6 from 'k6'; // from 'three'",
      'Array.from("abc");',
    ].join('\n');
    expect(wrong(text)).toEqual([]);
  });
});
