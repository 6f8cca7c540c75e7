import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { javaProgram, localJava } from '../../../packages/sandbox/src/toolchain/java.ts';
import { localRedis, redisProgram } from '../../../packages/sandbox/src/toolchain/redis.ts';
import { k6Program, localK6, pinnedK6 } from '../../../src/system/toolchain/k6.ts';
import { atLeast } from '../../../src/system/toolchain/local-sources.ts';
import { walk } from '../../../src/system/toolchain/part.ts';
import { K6_SAYS, machine } from './fixtures.ts';

const JAVA_17 = `echo 'openjdk version "17.0.15" 2025-04-15
OpenJDK Runtime Environment (build 17.0.15+6-Debian-1deb12u1)
OpenJDK 64-Bit Server VM (build 17.0.15+6-Debian-1deb12u1, mixed mode, sharing)' >&2`;

describe('what programs say of themselves', () => {
  it('reads the versions of k6, redis-server and java as they print them', () => {
    expect(k6Program.versionIn('k6 v2.2.0 (go1.26.8, linux/amd64)')).toBe('2.2.0');
    expect(k6Program.versionIn('k6.exe v1.3.0 (commit/abc)')).toBe('1.3.0');
    expect(redisProgram.versionIn('Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0')).toBe(
      '7.0.15',
    );
    expect(javaProgram.versionIn('openjdk version "17.0.15" 2025-04-15')).toBe('17.0.15');
    expect(javaProgram.versionIn('java version "1.8.0_402"')).toBe('8.0_402');
    expect(javaProgram.versionIn('openjdk version "25" 2025-09-16')).toBe('25');
  });

  it('takes k6 2, Redis from 7 and Java from 17, and nothing else', () => {
    expect(['1.9.9', '2.0.0', '2.10.1', '3.0.0', '20.0.0'].map(k6Program.fits)).toEqual([
      false,
      true,
      true,
      false,
      false,
    ]);
    expect(['6.2.14', '7.0.0', '8.2.1', '10.0.0'].map(redisProgram.fits)).toEqual([false, true, true, true]);
    expect(['8.0_402', '11.0.2', '17', '17.0.15', '25'].map(javaProgram.fits)).toEqual([
      false,
      false,
      true,
      true,
      true,
    ]);
  });

  it('compares versions number by number, as their numbers compare', () => {
    const part = fc.nat({ max: 300 });
    const version = fc.tuple(part, part, part);
    fc.assert(
      fc.property(version, version, (a, b) => {
        const weight = ([x, y, z]: [number, number, number]): number => (x * 1000 + y) * 1000 + z;
        expect(atLeast(a.join('.'), b.join('.'))).toBe(weight(a) >= weight(b));
      }),
    );
  });
});

describe('the order of the local sources', () => {
  it('prefers the environment to PATH, and PATH to the cache', async () => {
    const own = machine();
    const named = own.program(`${own.folder}/elsewhere/k6`, 'echo k6 v2.0.1');
    const onPath = own.program('k6', K6_SAYS);
    own.program(`${own.cache}/k6-${pinnedK6()}/k6`, 'echo k6 v2.9.9');
    const withEnv = { ...own.ctx, env: { ...own.ctx.env, GAUNTLET_K6: named } };
    expect((await walk(localK6(withEnv))).hit).toMatchObject({
      path: named,
      version: '2.0.1',
      origin: 'GAUNTLET_K6',
    });
    expect((await walk(localK6(own.ctx))).hit).toMatchObject({
      path: onPath,
      version: '2.2.0',
      origin: 'PATH',
    });
    own.program('k6', 'echo k6 v1.4.0');
    const outcome = await walk(localK6(own.ctx));
    expect(outcome.hit).toMatchObject({ version: '2.9.9', origin: 'cache' });
    expect(outcome.tried).toEqual([
      { way: 'GAUNTLET_K6', why: 'not set' },
      { way: 'PATH', why: `${onPath} is 1.4.0, not a k6 2.x binary` },
    ]);
  });

  it('reports of every source why it did not fit', async () => {
    const bare = machine();
    bare.program('redis-server', 'echo "oh no" >&2; exit 3');
    const { hit, tried } = await walk(localRedis(bare.ctx));
    expect(hit).toBeNull();
    expect(tried).toEqual([
      { way: 'GAUNTLET_REDIS_SERVER', why: 'not set' },
      {
        way: 'PATH',
        why: `${bare.bin}/redis-server does not run: redis-server failed (exit code 3): oh no`,
      },
      {
        way: 'cache',
        why: `${bare.cache}/redis-${process.arch === 'x64' ? 'amd64' : process.arch}/usr/bin/redis-server is not an executable file`,
      },
    ]);
  });

  it('makes a variable that is set and wrong an error, and looks no further', async () => {
    const own = machine({ GAUNTLET_K6: '/nope/k6' });
    own.program('k6', K6_SAYS);
    const outcome = await walk(localK6(own.ctx));
    const text =
      'GAUNTLET_K6: expected the path of a k6 2.x binary, got "/nope/k6": /nope/k6 is not an executable file. ' +
      'Correct it, or unset it to let Gauntlet look elsewhere.';
    expect(outcome.hit).toBeNull();
    expect(outcome.tried).toEqual([{ way: 'GAUNTLET_K6', why: text }]);
  });

  it('treats a program that is too old the same way when the user named it', async () => {
    const own = machine();
    const old = own.program(`${own.folder}/jdk8/bin/java`, `echo 'java version "1.8.0_402"' >&2`);
    const ctx = { ...own.ctx, env: { ...own.ctx.env, JAVA_HOME: `${own.folder}/jdk8` } };
    expect((await walk(localJava(ctx, []))).wrong).toMatchObject({
      subject: 'JAVA_HOME',
      got: `${JSON.stringify(`${own.folder}/jdk8`)}: ${old} is 8.0_402, not a java 17 or newer`,
    });
  });

  it('ignores a variable that is empty, as a shell script leaves it', async () => {
    const own = machine({ GAUNTLET_K6: '' });
    own.program('k6', K6_SAYS);
    expect((await walk(localK6(own.ctx))).hit).toMatchObject({ origin: 'PATH' });
  });

  it('takes GAUNTLET_JAVA as a home or a binary, before JAVA_HOME', async () => {
    const own = machine({ JAVA_HOME: '/nope' });
    const java = own.program(`${own.folder}/jdk17/bin/java`, JAVA_17);
    for (const value of [java, `${own.folder}/jdk17`]) {
      const ctx = { ...own.ctx, env: { ...own.ctx.env, GAUNTLET_JAVA: value } };
      const { hit } = await walk(localJava(ctx, []));
      expect(hit).toMatchObject({ origin: 'GAUNTLET_JAVA', version: '17.0.15' });
      expect(hit?.tool).toEqual({ path: java, build: '17.0.15+6-Debian-1deb12u1' });
    }
  });

  it('finds a Java that fits in the usual folders beside one that does not', async () => {
    const own = machine();
    own.file('jvm/.java-1.17.0-openjdk-amd64.jinfo', 'a plain file, as Debian puts there');
    own.program(`${own.folder}/jvm/a-java-11/bin/java`, `echo 'openjdk version "11.0.2"' >&2`);
    const java = own.program(`${own.folder}/jvm/b-java-17/bin/java`, JAVA_17);
    const { hit } = await walk(localJava(own.ctx, [`${own.folder}/jvm`]));
    expect(hit).toMatchObject({ origin: 'usual folders', path: java });
  });

  it('never runs what a relative folder on PATH offers', async () => {
    const own = machine();
    own.program('k6', K6_SAYS);
    const ctx = { ...own.ctx, env: { PATH: `.:bin:${own.folder}/empty` } };
    expect((await walk(localK6(ctx))).tried).toContainEqual({ way: 'PATH', why: 'no k6 on PATH' });
  });
});
