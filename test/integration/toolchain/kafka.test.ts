import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestIn, pinnedKafka } from '../../../packages/sandbox/src/toolchain/kafka-fetch.ts';
import { listOf, readJars, verifyJars } from '../../../packages/sandbox/src/toolchain/kafka-jars.ts';
import { areComplete, readStartFiles } from '../../../packages/sandbox/src/toolchain/kafka-start-files.ts';
import { inspectParts, requireParts } from '../../../src/system/toolchain/parts.ts';
import { type Machine, machine } from './fixtures.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const JAVA = { path: '/usr/bin/java', build: '17.0.15+6-Debian-1deb12u1' };

function jarsOf(own: Machine, names: readonly string[] = ['a.jar', 'kafka_2.13-4.3.1.jar']) {
  for (const name of names) own.file(`libs/${name}`, name);
  const read = readJars(join(own.folder, 'libs'));
  if (!read.ok) throw new Error(read.why);
  return read.jars;
}

describe('a folder of Kafka jars', () => {
  it('is known by the version in the name of its broker jar, and its class path is sorted', () => {
    const own = machine();
    own.file('libs/README', 'not a jar');
    const jars = jarsOf(own, ['z.jar', 'kafka_2.13-4.3.1.jar', 'a.jar']);
    expect(jars.version).toBe('4.3.1');
    expect(jars.classPath).toEqual(
      ['a.jar', 'kafka_2.13-4.3.1.jar', 'z.jar'].map((name) => join(own.folder, 'libs', name)),
    );
  });

  it('is refused when it is too old, of another age, or no Kafka at all', () => {
    const own = machine();
    const folder = join(own.folder, 'libs');
    const whyOf = (jar: string): unknown => {
      rmSync(folder, { recursive: true, force: true });
      own.file(`libs/${jar}`, '');
      return readJars(folder);
    };
    const rule = 'not Kafka 4.3 or newer (4.x)';
    expect(whyOf('kafka_2.13-3.9.0.jar')).toEqual({ ok: false, why: `${folder} holds Kafka 3.9.0, ${rule}` });
    expect(whyOf('kafka_2.13-5.0.0.jar')).toEqual({ ok: false, why: `${folder} holds Kafka 5.0.0, ${rule}` });
    expect(whyOf('scala.jar')).toEqual({ ok: false, why: `${folder} holds no kafka_2.13-<version>.jar` });
    expect(readJars('/nope')).toEqual({ ok: false, why: '/nope is not a folder' });
  });

  it('is compared jar by jar with the list: changed, added and missing ones are all named', async () => {
    const own = machine();
    const jars = jarsOf(own);
    const list = own.file('list', await listOf(jars));
    expect(await verifyJars(own.ctx, jars, list)).toEqual({ ok: true });
    own.file('libs/a.jar', 'other');
    expect(await verifyJars(own.ctx, jars, list)).toEqual({
      ok: false,
      why: `a.jar has sha256 ${sha256('other')}, expected ${sha256('a.jar')}`,
    });
    const more = jarsOf(own, ['a.jar', 'extra.jar']);
    own.file('list', `${await listOf(jars)}${sha256('x')}  gone.jar\n`);
    expect(await verifyJars(own.ctx, more, list)).toEqual({
      ok: false,
      why: 'extra.jar is not one of the pinned jars; gone.jar is missing',
    });
  });

  it('has the version that the pom pins', () => {
    expect(pinnedKafka()).toMatch(/^4\.3\.\d+$/);
  });

  it('is believed as an archive only with a digest of the right length', () => {
    const spread = `kafka_2.13-4.3.1.tgz: ${'ABCD 0123 '.repeat(16)}`;
    expect(digestIn(spread, 'kafka_2.13-4.3.1.tgz')).toBe('abcd0123'.repeat(16));
    expect(digestIn(`${'ab'.repeat(64)}  kafka_2.13-4.3.1.tgz\n`, 'kafka_2.13-4.3.1.tgz')).toBe(
      'ab'.repeat(64),
    );
    expect(digestIn('<html>not found</html>', 'kafka_2.13-4.3.1.tgz')).toBeUndefined();
  });
});

describe('Kafka as a part', () => {
  it('is an error, not a search, when GAUNTLET_KAFKA_LIBS is wrong', async () => {
    const own = machine({ GAUNTLET_KAFKA_LIBS: '/nope', GAUNTLET_JAVA: '/nope/java' });
    await expect(requireParts(['kafka'], own.ctx)).rejects.toThrow(
      /^GAUNTLET_KAFKA_LIBS: expected a folder with the jars of Kafka 4\.3 or newer \(4\.x\), got "\/nope": \/nope is not a folder\. Correct it, or unset it to let Gauntlet look elsewhere\.$/,
    );
  });

  it('is not there with jars alone: without a formatted directory no node can start', async () => {
    const own = machine();
    const jars = jarsOf(own);
    const ctx = { ...own.ctx, env: { ...own.ctx.env, GAUNTLET_KAFKA_LIBS: jars.folder } };
    const [report] = await inspectParts(['kafka'], ctx);
    expect(report?.found).toBeNull();
    expect(report?.tried.at(-1)).toEqual({
      way: 'GAUNTLET_KAFKA_LIBS',
      why: `the jars are in ${jars.folder}, but no directory was formatted yet`,
    });
  });

  it('looks for an archive of exactly this Java and this class path, and says why there is none', () => {
    const own = machine();
    const jars = jarsOf(own);
    const folder = join(own.folder, 'start');
    expect(readStartFiles(folder, JAVA, jars)).toBeUndefined();
    const bootstrapCheckpoint = own.file('start/bootstrap.checkpoint', 'x');
    const whyNoArchive = `none made yet for ${JAVA.build}`;
    expect(readStartFiles(folder, JAVA, jars)).toEqual({ bootstrapCheckpoint, archive: null, whyNoArchive });
    expect(areComplete(folder, JAVA, jars)).toBe(false);
    const name = `classes-${JAVA.build}-${sha256(jars.classPath.join(':')).slice(0, 8)}`;
    own.file(`start/${name}.why-not`, 'java wrote no archive: no');
    expect(readStartFiles(folder, JAVA, jars)?.whyNoArchive).toBe('java wrote no archive: no');
    expect(areComplete(folder, JAVA, jars)).toBe(true);
    const archive = own.file(`start/${name}.jsa`, 'x');
    expect(readStartFiles(folder, JAVA, jars)).toEqual({ bootstrapCheckpoint, archive, whyNoArchive: null });
    expect(readStartFiles(folder, { ...JAVA, build: '21+35' }, jars)?.archive).toBeNull();
  });
});
