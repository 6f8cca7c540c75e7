/**
 * A stranger with an empty folder: the packed package, two services of their own (plain Node and a real Redis), and the commands of
 * docs/add-a-system.md, in their order.
 */
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
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
import { freePorts } from './support-services/free-port.ts';
import { startRedis, type TestRedis } from './support-services/redis.ts';
import { run, type Spawned, until } from './support-services/spawned.ts';
import { requireTestTools } from './support-services/test-tools.ts';

const home = mkdtempSync(join(tmpdir(), 'gauntlet-stranger-'));
const here = join(home, 'empty');
const env = { ...process.env, GAUNTLET_STATE_DIR: join(home, 'state'), NODE_ENV: 'production' };
let packed: Packed;
let redis: TestRedis;
let web: Spawned;
let ports: { readonly web: number; readonly cache: number };

const npx = (args: readonly string[], timeout = 60_000) =>
  spawnSync('npx', ['--no-install', ...args], { cwd: here, env, encoding: 'utf8', timeout });

/** The lines of a page that begin with a program, with our ports in place of the usual ones. */
function typed(page: string, program: string): readonly string[] {
  const text = readFileSync(join(projectRoot, 'docs', page), 'utf8').replaceAll('\\\n ', '');
  return text
    .split('\n')
    .filter((line) => line.startsWith(program))
    .map((line) =>
      line
        .replace(/\s+# .*$/, '')
        .replace(':8080', `:${ports.web}`)
        .replace(':6379', `:${ports.cache}`),
    );
}
/** As a shell splits it. */
const words = (line: string): readonly string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');
const page = (command: string) => {
  const line = typed('add-a-system.md', `npx gauntlet ${command}`)[0];
  if (line === undefined) throw new Error(`docs/add-a-system.md has no: npx gauntlet ${command}`);
  return npx(words(line).slice(1), 200_000);
};

const startWeb = (cache: number): Spawned =>
  run(process.execPath, [join(import.meta.dirname, 'support-services/shop.mjs')], {
    ...{ PORT: String(ports.web), CACHE_PORT: String(cache) },
  });

const itemsUrl = (): string => `http://127.0.0.1:${ports.web}/items`;

beforeAll(async () => {
  mkdirSync(here);
  packed = installPacked(home, here, env);
  redis = await startRedis(await requireTestTools(['redis']));
  const [port = 0] = await freePorts(1);
  ports = { web: port, cache: redis.port };
  web = startWeb(redis.port);
  await until(() => web.output().includes('port '), { timeoutMs: 10_000, explain: web.output });
});
afterAll(async () => {
  npx(['gauntlet', 'proxy', 'down', 'shop']);
  await web?.stop();
  await redis?.stop();
  rmSync(home, { recursive: true, force: true });
});

describe('in an empty folder, by the page', () => {
  it('the package has what a stranger needs', () => {
    const paths = packed.files.map((one) => one.path);
    for (const path of ['scenarios/gauntlet.ts', 'scenarios/tsconfig.json', 'schemas/system.json'])
      expect(paths).toContain(path);
    const resolve = "console.log(import.meta.resolve('gauntlet/k6'))";
    const said = spawnSync(process.execPath, ['--input-type=module', '-e', resolve], {
      ...{ cwd: here, encoding: 'utf8' },
    });
    expect(said.stdout.trim()).toMatch(/node_modules\/gauntlet\/scenarios\/gauntlet\.ts$/);
  });

  it('init writes six files and the library, and allows nothing', () => {
    const { status, stdout, stderr } = page('init --name');
    expect([status, stderr]).toEqual([0, expect.any(String)]);
    expect(stdout.trim().split('\n')).toEqual([
      `web: http://127.0.0.1:${ports.web} speaks http: GET / answers 404`,
      `cache: redis://127.0.0.1:${ports.cache} speaks redis`,
      'web: GET /health answers 200',
      'web: GET /items answers 200',
      'wrote scenarios/gauntlet.ts',
      'wrote systems/shop/system.yaml',
      'wrote targets/shop.yaml',
      'wrote campaigns/shop-smoke.yaml',
      'wrote scenarios/shop/web.ts',
      'wrote scenarios/tsconfig.json',
      'No fault is allowed on shop; its owner allows them in targets/shop.yaml: policy.',
      'Next:',
      '  npx gauntlet doctor --target shop',
      '  npx gauntlet run shop-smoke',
    ]);
    const first = readFileSync(join(here, 'targets/shop.yaml'), 'utf8').split('\n')[0];
    expect(first).toBe('# yaml-language-server: $schema=../node_modules/gauntlet/schemas/target.json');
  });

  it('doctor asks each service, and needs no part of the sandbox', () => {
    const { status, stdout } = page('doctor --target');
    expect([status, stdout]).toEqual([0, expect.not.stringMatching(/kafka *│/)]);
    expect(stdout).toMatch(/^ok {4}web: answers in /m);
    expect(stdout).toMatch(/^ok {4}cache: answers in /m);
    expect(stdout).not.toContain('WARN');
  });

  it('run passes, by its own scenario and its own library', () => {
    const dry = page('run shop-smoke --dry-run');
    expect([dry.status, dry.stderr]).toEqual([0, expect.any(String)]);
    const { status, stdout, stderr } = npx(['gauntlet', 'run', 'shop-smoke'], 200_000);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain(
      `types are not checked: no tsc beside ${join(here, 'scenarios')}. Type: npm install --save-dev typescript @types/k6\n`,
    );
    expect(stdout).toContain('Verdict: PASS (exit 0)');
    const [folder = ''] = readdirSync(join(here, 'reports'));
    const plan = JSON.parse(readFileSync(join(here, 'reports', folder, 'plan.json'), 'utf8')) as {
      readonly load: readonly { readonly script: string }[];
    };
    expect(plan.load.map((one) => one.script)).toEqual([join(here, 'scenarios/shop/web.ts')]);
  }, 240_000);

  it('a fault on the link of the target is proven, and undone', async () => {
    const file = join(here, 'targets/shop.yaml');
    const written = readFileSync(file, 'utf8');
    const [, listen = ''] = /from: web, to: cache, listen: "127\.0\.0\.1:(\d+)"/.exec(written) ?? [];
    writeFileSync(file, written.replace(/^# links:\n# /m, 'links:\n').replace('optIn: false', 'optIn: true'));
    await web.stop();
    web = startWeb(Number(listen));
    await until(() => web.output().includes('port '), { timeoutMs: 10_000, explain: web.output });
    const items = async (): Promise<number> => (await fetch(itemsUrl())).status;
    expect(await items()).toBe(503);
    expect(page('proxy up')).toMatchObject({ status: 0, stderr: '' });
    expect(await items()).toBe(200);
    const user = run(
      process.execPath,
      ['-e', `setInterval(() => fetch('${itemsUrl()}').catch(() => 0), 100)`],
      {},
    );
    const { status, stderr } = page('inject cut-link');
    await user.stop();
    expect([status, stderr]).toEqual([0, expect.stringMatching(/^cut-link: injected/m)]);
    expect(await items()).toBe(200);
    expect(page('proxy down')).toMatchObject({ status: 0, stderr: '' });
    expect(page('recover --target').stdout).toBe('Nothing to undo.\n');
    await web.stop();
    writeFileSync(file, written);
    web = startWeb(ports.cache);
    await until(() => web.output().includes('port '), { timeoutMs: 10_000, explain: web.output });
  });

  it('a changed library is seen, and left alone', () => {
    const file = join(here, 'scenarios/gauntlet.ts');
    const whole = readFileSync(file, 'utf8');
    appendFileSync(file, '// mine\n');
    expect(page('doctor --target').stdout).toContain(
      "WARN  scenarios/gauntlet.ts: changed since gauntlet init wrote it, so its numbers are not Gauntlet's own",
    );
    const { status, stderr } = npx(['gauntlet', 'init', '--library']);
    expect([status, stderr]).toEqual([
      64,
      expect.stringContaining('got a changed one, which is left as it is'),
    ]);
    writeFileSync(file, whole);
    expect(npx(['gauntlet', 'init', '--library']).stdout).toBe('scenarios/gauntlet.ts is current\n');
  });

  it('a wrong name is answered with the right one, and nothing is written', () => {
    expect(npx(['gauntlet', 'run', 'shop-smok'])).toMatchObject({
      status: 64,
      stderr: expect.stringMatching(
        /got "shop-smok", and there is no such file\. Did you mean shop-smoke\?\n$/,
      ),
    });
    const service = `web=http://127.0.0.1:${ports.web}`;
    expect(
      npx(['gauntlet', 'init', '--name', 'two', '--service', service, '--get', 'wep=/items', '--yes']),
    ).toMatchObject({
      status: 64,
      stderr:
        '--get: expected the name of a service that speaks http: one of web, got "wep". Did you mean web?\n',
    });
    expect(readdirSync(join(here, 'systems'))).toEqual(['shop']);
  });

  it('a target that is half there is refused before any load, with what is missing', async () => {
    await redis.stop();
    const doctor = page('doctor --target');
    expect([doctor.status, doctor.stdout]).toEqual([69, expect.stringMatching(/^FAIL {2}cache: refused$/m)]);
    const ran = npx(['gauntlet', 'run', 'shop-smoke'], 120_000);
    expect([ran.status, ran.stderr]).toEqual([
      69,
      `web:contract: GET /items at http://127.0.0.1:${ports.web}: expected 200 to 299, got 503 "". Check the address and the version of web.\n` +
        `cache:contract: ECHO of 1 KiB at redis://127.0.0.1:${ports.cache}: expected the same 1 KiB, got connect ECONNREFUSED 127.0.0.1:${ports.cache}. Check that the target is up: gauntlet doctor --target.\n`,
    ]);
  });
});
