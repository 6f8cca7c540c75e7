/**
 * The package as its users get it: packed, installed into an empty folder without this clone's packages, and the demo run there.
 * Needs the npm registry, as they do.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../src/system/project.ts';
import { installPacked, type Packed } from './support/installed-package.ts';
import { dependsOnMachine } from './support/machine.ts';

const home = mkdtempSync(join(tmpdir(), 'gauntlet-package-'));
/** Beside the state of others; the cache of tools is shared, so that nothing is built twice. */
const env = { ...process.env, GAUNTLET_STATE_DIR: join(home, 'state'), NODE_ENV: 'production' };
const here = join(home, 'empty');

const gauntlet = (args: readonly string[], timeout = 60_000) =>
  spawnSync('npx', ['--no-install', 'gauntlet', ...args], { cwd: here, env, encoding: 'utf8', timeout });
const kilobytesOf = (folder: string): number =>
  Number(execFileSync('du', ['-sk', folder], { encoding: 'utf8' }).split('\t')[0]);

const OWN_CAMPAIGN = `name: own
target: sandbox
load: [{ scenario: gateway-intentions, rate: 5/s }]
baseline: 10s
faults: [{ noop: { probe: specialist-technical, for: 1s } }]
recovery: { hold: 1s, timeout: 10s }
objectives: [ "gateway.intentions failed < 50% in baseline" ]
`;

let packed: Packed;

beforeAll(() => {
  mkdirSync(here);
  packed = installPacked(home, here, env);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('the packed package', () => {
  it('is small, and holds no source, no test and no map', () => {
    const paths = packed.files.map((file) => file.path);
    expect(packed.size).toBeLessThan(3_000_000);
    expect(paths.filter((path) => /^(src|test|bench|reports)\/|\.map$|\.test\.|fakes/.test(path))).toEqual(
      [],
    );
    for (const path of [
      'LICENSE',
      'CHANGELOG.md',
      'README.md',
      'campaigns/demo.yaml',
      'targets/sandbox.yaml',
    ])
      expect(paths).toContain(path);
  });

  it('installs what the harness imports, and nothing that only its sandbox or its development needs', () => {
    const modules = join(here, 'node_modules');
    const unwanted = ['kafkajs', 'ioredis', 'busboy', 'typescript', 'vitest', '@types/k6', '@gauntlet'];
    expect(unwanted.filter((name) => existsSync(join(modules, name)))).toEqual([]);
    expect(kilobytesOf(modules)).toBeLessThan(120_000);
    const notices = readFileSync(join(modules, 'gauntlet/dist/THIRD-PARTY-NOTICES.md'), 'utf8');
    expect(notices).toMatch(/^## kafkajs 2\.\d+\.\d+ \(MIT\)$/m);
  });

  it('starts each stand-in with nothing but what is installed: it only misses its environment', () => {
    const systems = join(here, 'node_modules/gauntlet/dist/systems');
    for (const program of [
      'active-immune-core/stand-in.mjs',
      ...['gateway', 'hive', 'specialist'].map((name) => `neural-hive-mind/stand-ins/src/${name}/main.js`),
    ]) {
      const { status, stderr } = spawnSync(process.execPath, [join(systems, program)], {
        ...{ env: {}, encoding: 'utf8', timeout: 60_000 },
      });
      expect([program, stderr, status]).toEqual([program, expect.not.stringContaining('Cannot find'), 64]);
    }
  });
});

/** It says what it is, as every scenario does. */
const OWN_SCENARIO = `export const options = {
  ext: {
    gauntlet: { summary: 'mine', flows: { 'gateway.intentions': { service: 'gateway' } }, timeLimit: '1s' },
  },
};
export default function () {}
`;

describe('in an empty folder', () => {
  it('finds or gets what it needs', () => {
    const { status, stdout, stderr } = gauntlet(['doctor', '--fix'], 240_000);
    expect([status, stdout, stderr]).toEqual([0, expect.stringContaining('kafka'), expect.any(String)]);
  }, 250_000);

  it('runs the demo into the working directory, and writes nothing into itself (depends on the machine)', {
    ...dependsOnMachine,
    timeout: 430_000,
  }, () => {
    const itself = join(here, 'node_modules/gauntlet');
    const before = readdirSync(itself, { recursive: true }).length;
    const { status, stdout, stderr } = gauntlet(['run', 'demo', '--json'], 420_000);
    const folder = join(here, 'reports', readdirSync(join(here, 'reports')).sort().at(-1) ?? stderr);
    for (const name of [
      'plan.json',
      'events.ndjson',
      'journal.ndjson',
      'result.json',
      'report.html',
      'junit.xml',
    ])
      expect(existsSync(join(folder, name))).toBe(true);
    const result = JSON.parse(stdout) as {
      readonly verdict: { readonly status: string; readonly exitCode: number };
      readonly faults: readonly { readonly name: string; readonly status: string }[];
    };
    expect(status).toBe(result.verdict.exitCode);
    // What a busy machine carries is its own affair; that faults began and ended, and that load ran, is not.
    expect(['PASS', 'FAIL', 'INCONCLUSIVE', 'INVALID']).toContain(result.verdict.status);
    expect(result.faults.map((one) => [one.name, one.status])).toEqual([
      ['kill-pod', 'injected'],
      ['partition-kafka', 'injected'],
      ['throttle-redis', 'injected'],
    ]);
    expect(readdirSync(itself, { recursive: true }).length).toBe(before);
  });

  it('takes a campaign, a target and a scenario of the folder before its own', () => {
    mkdirSync(join(here, 'campaigns'));
    mkdirSync(join(here, 'targets'));
    const target = readFileSync(join(projectRoot, 'targets/sandbox.yaml'), 'utf8');
    const mine = target.replace('name: sandbox', 'name: mine\nsandbox: { name: mine }');
    writeFileSync(join(here, 'targets/sandbox.yaml'), mine);
    writeFileSync(join(here, 'campaigns/demo.yaml'), OWN_CAMPAIGN);
    mkdirSync(join(here, 'scenarios'));
    writeFileSync(join(here, 'scenarios/gateway-intentions.ts'), OWN_SCENARIO);
    const { stdout, status, stderr } = gauntlet(['run', 'demo', '--dry-run', '--json']);
    expect([status, stderr]).toEqual([0, expect.any(String)]);
    const plan = JSON.parse(stdout) as {
      readonly campaign: string;
      readonly target: string;
      readonly load: readonly { readonly script: string }[];
    };
    expect([plan.campaign, plan.target]).toEqual(['own', 'mine']);
    expect(plan.load.map((one) => one.script)).toEqual([join(here, 'scenarios/gateway-intentions.ts')]);
  });
});
