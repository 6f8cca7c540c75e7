/** The real programs of this machine, from the real cache; whatever is missing is fetched once, as a user's would be. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { javaProgram } from '../../packages/sandbox/src/toolchain/java.ts';
import { readJars } from '../../packages/sandbox/src/toolchain/kafka-jars.ts';
import { makeStartFiles, readStartFiles } from '../../packages/sandbox/src/toolchain/kafka-start-files.ts';
import { fetchedRedis } from '../../packages/sandbox/src/toolchain/redis.ts';
import type { Tools } from '../../src/core/tools.ts';
import { placesFrom } from '../../src/system/places.ts';
import { findOnPath } from '../../src/system/toolchain/command.ts';
import { fixParts, inspectParts, PART_NAMES, requireParts } from '../../src/system/toolchain/parts.ts';

const ctx = { places: placesFrom(process.env), env: process.env, progress: () => undefined };
const folder = mkdtempSync(join(tmpdir(), 'gauntlet-e2e-toolchain-'));
let tools: Tools;

const run = (file: string, args: readonly string[], env: Record<string, string> = {}): string =>
  execFileSync(file, [...args], { encoding: 'utf8', env: { ...process.env, ...env } });

beforeAll(async () => {
  const missing = (await fixParts(PART_NAMES, ctx)).filter((report) => report.found === null);
  expect(missing).toEqual([]);
  tools = await requireParts(PART_NAMES, ctx);
}, 600_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the real toolchain', () => {
  it('has a k6 that runs', () => {
    expect(run(tools.k6 ?? '', ['version'])).toMatch(/^k6 v2\.\d+\.\d+ /);
  });

  it('has a redis-server that runs with the libraries named for it', () => {
    const libraries = tools.redis?.libraryPath;
    const env: Record<string, string> = libraries ? { LD_LIBRARY_PATH: libraries } : {};
    expect(run(tools.redis?.server ?? '', ['--version'], env)).toMatch(/^Redis server v=(7|8)\./);
  });

  it('has every jar of Kafka, the checkpoint, and a class-data archive that this Java accepts', () => {
    const { java = '', kafka } = tools;
    expect(kafka?.version).toMatch(/^4\.3\./);
    expect(kafka?.classPath.length).toBeGreaterThan(30);
    expect(statSync(kafka?.bootstrapCheckpoint ?? '').size).toBeGreaterThan(100);
    expect(kafka?.archive).toMatch(/\.jsa$/);
    // -Xshare:on fails where auto would silently go on without the archive.
    const shared = [`-XX:SharedArchiveFile=${kafka?.archive}`, '-Xshare:on', '-XX:+UseSerialGC'];
    const said = run(java, [...shared, '-cp', kafka?.classPath.join(':') ?? '', 'kafka.Kafka', '--version']);
    expect(said).toMatch(/^4\.3\./);
  });

  it('answers for all four in less than 600 ms once it has asked them', async () => {
    const started = performance.now();
    const reports = await inspectParts(PART_NAMES, ctx);
    const tookMs = performance.now() - started;
    expect(reports.every((report) => report.found !== null)).toBe(true);
    expect(tookMs).toBeLessThan(600);
  });

  it('formats and records for jars of the user’s own, in a place of ours, and leaves no broker behind', async () => {
    const read = readJars(dirname(tools.kafka?.classPath[0] ?? ''));
    if (!read.ok) throw new Error(read.why);
    const java = javaProgram.tool(tools.java ?? '', run('sh', ['-c', `'${tools.java}' -version 2>&1`]));
    const place = join(folder, 'start');
    const own = { ...ctx, places: { ...ctx.places, cache: folder } };
    expect(await makeStartFiles(own, java, read.jars, place)).toEqual({ ok: true });
    const files = readStartFiles(place, java, read.jars);
    expect(files?.whyNoArchive).toBeNull();
    expect(statSync(files?.archive ?? '').size).toBeGreaterThan(10_000_000);
    expect(readdirSync(place)).toHaveLength(2);
    expect(run('ps', ['-eo', 'args'])).not.toContain(place);
  });

  it.skipIf(findOnPath('apt-get', process.env) === undefined)(
    'unpacks a Redis that runs from the packages of the distribution, without installing anything',
    async () => {
      const own = { ...ctx, places: { ...ctx.places, cache: folder } };
      const [unpack] = fetchedRedis(own);
      const look = await unpack?.look();
      expect(look).toMatchObject({ kind: 'found', path: expect.stringContaining(folder) });
    },
  );
});
