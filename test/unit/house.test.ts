/** The rules of the house (docs/architecture.md), as tests: a broken one names the file and what to do. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

/**
 * What each layer may import besides its own folder. The order is the order of the layers, lowest first. Nothing in src imports
 * packages or systems: the harness starts their programs and reads their files.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'src/core': [],
  'src/measure': ['src/core'],
  'src/system': ['src/core'],
  'src/protocols': ['src/core', 'src/system'],
  // What users write: shapes, words, errors with places. Text in, data out. A protocol says how its questions are written.
  'src/config': ['src/core', 'src/protocols'],
  'packages/link-proxy': ['src/core', 'src/system'],
  'systems/neural-hive-mind/stand-ins': ['src/core', 'src/system', 'src/protocols'],
  // The sandbox reads the file of its system, and asks what a probe asks to know whether an instance is ready.
  'packages/sandbox': ['src/core', 'src/config', 'src/system', 'src/protocols'],
  // The test cluster runs the services of the sandbox as pods.
  'packages/test-cluster': [
    'src/core',
    'src/system',
    'src/kube',
    'packages/sandbox',
    'systems/neural-hive-mind/stand-ins',
  ],
  'src/kube': ['src/core', 'src/system', 'src/protocols'],
  'src/targets': ['src/core', 'src/config', 'src/system', 'src/protocols', 'src/kube'],
  'src/chaos': ['src/core', 'src/config', 'src/system'],
  'src/load': ['src/core', 'src/system', 'src/measure'],
  'src/report': ['src/core'],
  'src/run': [
    'src/core',
    'src/config',
    'src/system',
    'src/protocols',
    'src/measure',
    'src/kube',
    'src/targets',
    'src/chaos',
    'src/load',
    'src/report',
  ],
  'src/cli': [
    'src/core',
    'src/config',
    'src/system',
    'src/measure',
    'src/kube',
    'src/targets',
    'src/chaos',
    'src/report',
    'src/run',
  ],
  scenarios: [],
};

/** Packages that only some layers may know; everything else on npm is free where it is needed. */
const NODE_FREE = ['src/core', 'src/measure', 'src/report'];

interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
}

function sources(folder: string): SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => {
      const path = join(folder, name);
      const text = readFileSync(join(root, path), 'utf8');
      const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');
      return { path, text, imports };
    });
}

const product = ['src', 'packages', 'systems', 'scenarios'].flatMap(sources);
const layerOf = (path: string): string =>
  Object.keys(MAY_IMPORT).find((layer) => path === layer || path.startsWith(`${layer}/`)) ?? 'none';
const targetsOf = (file: SourceFile): string[] =>
  file.imports
    .filter((name) => name.startsWith('.'))
    .map((name) => relative(root, resolve(root, dirname(file.path), name)));

interface Manifest {
  readonly workspaces?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Needed at run time without an import: why. */
const NOT_IMPORTED: Readonly<Record<string, string>> = {
  uplot: 'src/report/html/assets.ts reads its files into the report',
};

const { workspaces = [] } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
/** The folder of the package.json that a file belongs to. */
const homeOf = (path: string): string => workspaces.find((one) => path.startsWith(`${one}/`)) ?? '.';
/** k6 is no package: its scripts find it in k6 itself. */
const packagesIn = (file: SourceFile): string[] =>
  file.imports
    .filter((name) => /^[@a-z]/.test(name) && !name.startsWith('node:') && !/^k6(\/|$)/.test(name))
    .map((name) =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    );

/** Rooms whose comments are wrapped like the code. */
const WRAPPED = [
  ...[
    'src/chaos',
    'src/config',
    'src/core',
    'src/kube',
    'src/load',
    'src/measure',
    'src/report',
    'src/run',
    'src/system',
  ],
];
const COLUMNS = 110;

/** The folders of one folder, and its own files as one more, that reach themselves over imports of each other. */
function foldersInCycles(folder: string, imports: readonly (readonly [string, string])[]): readonly string[] {
  const roomOf = (path: string): string => {
    const [first = '', ...rest] = path.slice(folder.length + 1).split('/');
    return rest.length === 0 ? 'files of its own' : first;
  };
  const arrows = new Map<string, Set<string>>();
  for (const [from, to] of imports) {
    if (!from.startsWith(`${folder}/`) || !to.startsWith(`${folder}/`)) continue;
    const [a, b] = [roomOf(from), roomOf(to)];
    if (a !== b) arrows.set(a, (arrows.get(a) ?? new Set()).add(b));
  }
  const reaches = (start: string): boolean => {
    const seen = new Set<string>();
    const next = [...(arrows.get(start) ?? [])];
    for (let room = next.pop(); room !== undefined; room = next.pop()) {
      if (seen.has(room)) continue;
      seen.add(room);
      next.push(...(arrows.get(room) ?? []));
    }
    return seen.has(start);
  };
  return [...arrows.keys()].filter(reaches).sort();
}

describe('the house', () => {
  it('has product files to look at', () => {
    expect(product.length).toBeGreaterThan(50);
  });

  it('imports downward only: a layer knows just the layers that its line names', () => {
    const wrong = product.flatMap((file) => {
      const layer = layerOf(file.path);
      const allowed = [layer, ...(MAY_IMPORT[layer] ?? [])];
      return targetsOf(file)
        .filter((target) => !allowed.includes(layerOf(target)))
        .map((target) => `${file.path} imports ${target}`);
    });
    expect(wrong).toEqual([]);
  });

  it('puts all that the services may import into their image, and into its Dockerfile', () => {
    const needed = ['src/protocols', 'systems/neural-hive-mind/stand-ins/src'];
    const images = readFileSync(join(root, 'packages/test-cluster/src/images/images.ts'), 'utf8');
    expect(images).toContain(`const SERVICES_CODE = [${needed.map((one) => `'${one}'`).join(', ')}];`);
    const layers = MAY_IMPORT['systems/neural-hive-mind/stand-ins'] ?? [];
    expect(layers).toEqual(['src/core', 'src/system', 'src/protocols']);
    const dockerfile = readFileSync(join(root, 'deploy/Dockerfile.services'), 'utf8');
    for (const folder of [...layers, ...needed])
      expect(dockerfile).toContain(`COPY dist/${folder} dist/${folder}\n`);
  });

  it('never lets load and chaos meet anywhere but in src/run', () => {
    const wrong = product.filter((file) => {
      const layers = new Set(targetsOf(file).map(layerOf));
      return layers.has('src/load') && layers.has('src/chaos') && layerOf(file.path) !== 'src/run';
    });
    expect(wrong.map((file) => file.path)).toEqual([]);
  });

  it('keeps effects out of core, measure and report', () => {
    const wrong = product
      .filter((file) => NODE_FREE.includes(layerOf(file.path)))
      .flatMap((file) =>
        file.imports.filter((name) => name.startsWith('node:')).map((name) => `${file.path}: ${name}`),
      );
    expect(wrong).toEqual([]);
  });

  it('imports every relative file with its .ts ending, so that one source runs everywhere', () => {
    const wrong = product.flatMap((file) =>
      file.imports
        .filter((name) => name.startsWith('.') && !name.endsWith('.ts'))
        .map((name) => `${file.path}: ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it('has a source for all that a script without types takes from dist: a moved file leaves its old build behind', () => {
    const scripts = ['scripts', 'test', 'bench'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.mjs'))
        .map((name) => join(folder, name)),
    );
    expect(scripts).toContain('scripts/cluster.mjs');
    const wrong = scripts.flatMap((path) =>
      [...readFileSync(join(root, path), 'utf8').matchAll(/'[./]+\/dist\/([^']+)\.js'/g)]
        .filter(([, name]) => !existsSync(join(root, `${name}.ts`)))
        .map(([from]) => `${path}: ${from}`),
    );
    expect(wrong).toEqual([]);
  });

  it('has no cycle of imports', () => {
    const graph = new Map(product.map((file) => [file.path, targetsOf(file)]));
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path)) {
        cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
        return;
      }
      if (done.has(path)) return;
      for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
      done.add(path);
    };
    for (const path of graph.keys()) visit(path, []);
    expect(cycles).toEqual([]);
  });

  it('has no cycle of folders, at any depth: a folder and its neighbours import each other in one direction', () => {
    const imports = product
      .filter((file) => !file.path.startsWith('scenarios/'))
      .flatMap((file) => targetsOf(file).map((target) => [file.path, target] as const));
    const folders = new Set<string>();
    for (const [path] of imports) {
      for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) folders.add(folder);
    }
    const cycles = [...folders].sort().flatMap((folder) => {
      const rooms = foldersInCycles(folder, imports);
      return rooms.length === 0 ? [] : [`${folder}: ${rooms.join(', ')}`];
    });
    expect(cycles).toEqual([]);
  });

  it('finds a cycle of folders also over a third one, and over the files of the folder itself', () => {
    const imports = [
      ['src/a/one.ts', 'src/b/two.ts'],
      ['src/b/two.ts', 'src/c/three.ts'],
      ['src/c/deep/three.ts', 'src/a/other.ts'],
      ['src/top.ts', 'src/a/one.ts'],
      ['src/d/four.ts', 'src/a/one.ts'],
    ] as const;
    expect(foldersInCycles('src', imports)).toEqual(['a', 'b', 'c']);
    expect(foldersInCycles('src', [...imports, ['src/a/one.ts', 'src/top.ts']])).toEqual([
      'a',
      'b',
      'c',
      'files of its own',
    ]);
    expect(foldersInCycles('src/c', imports)).toEqual([]);
  });

  it('names in its own package.json what it imports from npm', () => {
    const wrong = product.flatMap((file) => {
      const home = homeOf(file.path);
      const manifest = JSON.parse(readFileSync(join(root, home, 'package.json'), 'utf8')) as Manifest;
      const named = Object.keys(manifest.dependencies ?? {});
      return packagesIn(file)
        .filter((name) => !named.includes(name))
        .map((name) => `${file.path} imports ${name}, which ${join(home, 'package.json')} does not name`);
    });
    expect(wrong).toEqual([]);
  });

  it('has nothing at the root that only a package needs: the harness installs what it imports', () => {
    const { dependencies = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
    const imported = new Set(product.filter((file) => homeOf(file.path) === '.').flatMap(packagesIn));
    expect(
      Object.keys(dependencies).filter((name) => !imported.has(name) && !(name in NOT_IMPORTED)),
    ).toEqual([]);
  });

  it('has no file above 300 lines and a median near 100', () => {
    const lengths = product.map((file) => ({
      path: file.path,
      lines: file.text.trimEnd().split('\n').length,
    }));
    // One file that users copy beside their scripts: k6 finds no package. Without its comments it is shorter.
    const copied = 'scenarios/gauntlet.ts';
    expect(lengths.filter((one) => one.lines > 300 && one.path !== copied)).toEqual([]);
    expect(lengths.find((one) => one.path === copied)?.lines).toBeLessThan(520);
    const sorted = lengths.map((one) => one.lines).sort((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(130);
  });

  it(`wraps comments at ${COLUMNS} columns, which the formatter does not do`, () => {
    const wrong = product
      .filter(({ path }) => WRAPPED.includes(layerOf(path)))
      .flatMap(({ path, text }) =>
        text
          .split('\n')
          .map((line, index) => ({ line, place: `${path}:${index + 1}` }))
          .filter(({ line }) => line.length > COLUMNS && /^\s*(\/\*\*|\*|\/\/ (?!biome-ignore))/.test(line))
          .map(({ place }) => place),
      );
    expect(wrong).toEqual([]);
  });

  it('has no barrel: a file that only hands on what others export', () => {
    const wrong = product.filter((file) => /^export (\*|\{[^}]*\}) from /m.test(file.text));
    expect(wrong.map((file) => file.path)).toEqual([]);
  });

  it('writes to the two streams of the terminal at few places, behind which foreign text is only words', () => {
    const writing = product
      .filter((file) => file.path.startsWith('src/cli/') && /process\.std(out|err)\.write\b/.test(file.text))
      .map((file) => file.path)
      .sort();
    expect(writing).toEqual(['src/cli/main.ts', 'src/cli/terminal/context.ts']);
  });

  it('leaves console, the environment and the exit code to the CLI and to programs of their own', () => {
    const wrong = product
      .filter((file) => !file.path.startsWith('src/cli/') && !file.path.startsWith('scenarios/'))
      .filter((file) => {
        // Those of a system are told by their environment whom they dial; the keeper finds there the secrets that
        // its undos need.
        const isOfSystem = file.path.startsWith('systems/') || file.path === 'src/run/keeper/main.ts';
        const effects = file.path.endsWith('main.ts')
          ? new RegExp(isOfSystem ? '\\bconsole\\.' : '\\bconsole\\.|process\\.env\\b')
          : /\bconsole\.|process\.env\b|process\.exit\b|process\.exitCode/;
        return effects.test(file.text);
      });
    expect(wrong.map((file) => file.path)).toEqual([]);
  });

  it('pins each package of which it takes a file that is no interface: a patch release may move it', () => {
    const files = [...product, ...sources('test')];
    const inside = /['"]((?:@[\w.-]+\/)?[\w.-]+)\/(?:dist|src|lib)\//g;
    const taken = files.flatMap(({ text }) =>
      [...text.matchAll(/(?:from|import\(|require\()\s*['"][^.'"][^'"]*['"]/g)].flatMap(([found]) =>
        [...found.matchAll(inside)].map(([, name]) => name ?? ''),
      ),
    );
    expect([...new Set(taken)].sort()).toEqual(['@kubernetes/client-node', 'kafkajs']);
    const manifests = ['.', 'packages', 'systems']
      .flatMap((folder) =>
        readdirSync(join(root, folder), { recursive: folder !== '.', encoding: 'utf8' })
          .filter((name) => name.endsWith('package.json') && !name.includes('node_modules'))
          .map((name) => readFileSync(join(root, folder, name), 'utf8')),
      )
      .map((text) => JSON.parse(text) as { dependencies?: Record<string, string> });
    for (const name of new Set(taken)) {
      const versions = manifests.flatMap(({ dependencies }) => dependencies?.[name] ?? []);
      expect([...new Set(versions)], name).toEqual([expect.stringMatching(/^\d+\.\d+\.\d+$/)]);
    }
  });

  it('has no test file above 400 lines', () => {
    const long = sources('test').filter(
      ({ path, text }) => path.endsWith('.test.ts') && text.trimEnd().split('\n').length > 400,
    );
    expect(long.map((file) => file.path)).toEqual([]);
  });

  it('signals a process of a test by name of one pid, never the group of the test runner', () => {
    // `process.kill(0)` ends the whole suite. These two signal only themselves.
    const own = ['test/support/signal-process.ts', 'test/programs/history-writer.ts'];
    const wrong = sources('test').filter(
      ({ path, text }) => !own.includes(path) && /(?<![.\w])process\.kill\((?!process\.pid)/.test(text),
    );
    expect(wrong.map((file) => file.path)).toEqual(['test/unit/house.test.ts']);
  });

  it('asks a test twice only where its title says that it depends on the machine', () => {
    const wrong = sources('test').filter(({ path, text }) => {
      if (path === 'test/e2e/support/machine.ts' || path === 'test/unit/house.test.ts') return false;
      const asked = /\bretry: \d/.test(text);
      const untold = text
        .split('\n')
        .some((line) => /, dependsOnMachine\b/.test(line) && !line.includes('(depends on the machine)'));
      return asked || untold;
    });
    expect(wrong.map((file) => file.path)).toEqual([]);
  });
});
