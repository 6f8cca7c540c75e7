import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GauntletError } from '../../../src/core/errors.ts';
import { partsText } from '../../../src/report/doctor-text.ts';
import { localK6, pinnedK6 } from '../../../src/system/toolchain/k6.ts';
import { walk } from '../../../src/system/toolchain/part.ts';
import { fixParts, inspectParts, PART_NAMES, requireParts } from '../../../src/system/toolchain/parts.ts';
import { K6_SAYS, machine } from './fixtures.ts';

const thrown = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error) => error,
  );

describe('the parts', () => {
  it('are only checked by inspect: nothing is built, even when a builder is available', async () => {
    const own = machine();
    own.program('go', `echo ran > ${own.folder}/go-ran`);
    own.program('apt-get', `echo ran > ${own.folder}/apt-ran`);
    const reports = await inspectParts(['k6', 'redis'], own.ctx);
    expect(reports.map((report) => [report.name, report.found])).toEqual([
      ['k6', null],
      ['redis', null],
    ]);
    expect(reports[0]?.fix).toBe(
      'gauntlet doctor --fix; or install k6 2.x (grafana.com/docs/k6) or Go, or set GAUNTLET_K6 to a k6 binary',
    );
    expect(['go-ran', 'apt-ran'].filter((name) => existsSync(join(own.folder, name)))).toEqual([]);
    expect(existsSync(own.cache)).toBe(false);
  });

  it('are demanded with one error that names every missing one and leaves out those that are there', async () => {
    const own = machine({ GAUNTLET_REDIS_SERVER: '/nope' });
    own.program('k6', K6_SAYS);
    const error = await thrown(requireParts(['k6', 'redis', 'kafka'], own.ctx));
    expect(error).toBeInstanceOf(GauntletError);
    if (!(error instanceof GauntletError)) return;
    expect(error.kind).toBe('unavailable');
    expect(error.problems.map((problem) => problem.subject)).toEqual(['GAUNTLET_REDIS_SERVER', 'kafka']);
    expect(error.problems[1]).toMatchObject({
      expected: 'Kafka 4.3 with Java to prepare it',
      got: expect.stringMatching(
        /^none \(GAUNTLET_KAFKA_LIBS: not set; PATH: no kafka-server-start\.sh on PATH; cache: /,
      ),
      next: 'Type: gauntlet doctor --fix; or apt-get install maven and try again, or set GAUNTLET_KAFKA_LIBS to the libs folder of Kafka 4.3.',
    });
    await expect(requireParts(['k6'], own.ctx)).resolves.toEqual({ k6: join(own.bin, 'k6') });
  });

  it('are fixed in order: the archive fails with its reason, then Go builds', async () => {
    const own = machine();
    own.program(
      'go',
      `while [ "$1" != -o ]; do shift; done; printf '#!/bin/sh\\necho k6 v2.2.0\\n' > "$2"; /bin/chmod +x "$2"`,
    );
    const path = join(own.cache, `k6-${pinnedK6()}`, 'k6');
    expect(await fixParts(['k6'], own.ctx)).toEqual([
      {
        name: 'k6',
        found: { name: 'k6', version: '2.2.0', path, origin: 'build with Go' },
        tried: [
          { way: 'GAUNTLET_K6', why: 'not set' },
          { way: 'PATH', why: 'no k6 on PATH' },
          { way: 'cache', why: `${path} is not an executable file` },
          { way: 'release archive', why: 'no curl on PATH' },
        ],
        fix: '',
      },
    ]);
    expect((await walk(localK6(own.ctx))).hit).toMatchObject({ origin: 'cache', path });
  });

  it('do not count as found because a build said it succeeded: the binary has to answer', async () => {
    const own = machine();
    own.program(
      'go',
      `while [ "$1" != -o ]; do shift; done; printf '#!/bin/sh\\nexit 9\\n' > "$2"; /bin/chmod +x "$2"`,
    );
    const [report] = await fixParts(['k6'], own.ctx);
    expect(report?.found).toBeNull();
    expect(report?.tried.at(-1)?.why).toMatch(/does not run: k6 failed \(exit code 9\): no output$/);
    expect(report?.fix).not.toContain('doctor --fix');
  });

  it('are not fetched past a variable that is set and wrong', async () => {
    const own = machine({ GAUNTLET_K6: '/nope' });
    own.program('go', `echo ran > ${own.folder}/go-ran`);
    const [report] = await fixParts(['k6'], own.ctx);
    expect(report?.fix).toBe(
      'GAUNTLET_K6: expected the path of a k6 2.x binary, got "/nope": /nope is not an executable file. ' +
        'Correct it, or unset it to let Gauntlet look elsewhere.',
    );
    expect(existsSync(join(own.folder, 'go-ran'))).toBe(false);
  });

  it('fail with one error for all when the cache cannot be written', async () => {
    const own = machine();
    const cache = join(own.file('occupied', 'a file'), 'gauntlet');
    const ctx = { ...own.ctx, places: { ...own.ctx.places, cache } };
    const error = await thrown(fixParts(['k6', 'redis'], ctx));
    expect(error).toBeInstanceOf(GauntletError);
    expect((error as GauntletError).message).toBe(
      `cache folder ${cache}: expected a writable folder with 1 GB free, got ENOTDIR: not a directory, ` +
        `mkdir '${cache}'. Free space or give access there, or set GAUNTLET_CACHE_DIR to another folder.`,
    );
  });

  it('of the sandbox are asked of its own program, whose progress and errors come back with their words', async () => {
    const own = machine();
    own.program('redis-server', 'echo "Redis server v=7.2.4 sha=0"');
    expect(await requireParts(['redis'], own.ctx)).toEqual({
      redis: { server: join(own.bin, 'redis-server'), libraryPath: null },
    });
    const bare = machine();
    bare.program('apt-get', 'echo "E: no network" >&2; exit 100');
    const cache = join(bare.file('occupied', 'a file'), 'gauntlet');
    const ctx = { ...bare.ctx, places: { ...bare.ctx.places, cache } };
    const error = await thrown(fixParts(['redis'], ctx));
    expect(error).toBeInstanceOf(GauntletError);
    expect((error as GauntletError).kind).toBe('unavailable');
    expect((error as GauntletError).message).toContain(`cache folder ${cache}: expected a writable folder`);
  });

  it('need no writable cache when nothing is missing', async () => {
    const own = machine();
    own.program('k6', K6_SAYS);
    const cache = join(own.file('occupied', 'a file'), 'gauntlet');
    const ctx = { ...own.ctx, places: { ...own.ctx.places, cache } };
    expect((await fixParts(['k6'], ctx))[0]?.found).toMatchObject({ version: '2.2.0' });
  });

  it('name a full disk in the middle of a build as what it is', async () => {
    const own = machine();
    own.program('go', 'echo "write /x: no space left on device" >&2; exit 1');
    await expect(fixParts(['k6'], own.ctx)).rejects.toThrow(
      `cache folder ${own.cache}: expected a writable folder with 1 GB free, got write /x: no space left`,
    );
  });

  it('are shown as a table, with the reasons for what is missing below it', () => {
    const text = partsText([
      {
        name: 'k6',
        found: { name: 'k6', version: '2.2.0', path: '/c/k6', origin: 'cache' },
        tried: [],
        fix: '',
      },
      { name: 'redis', found: null, tried: [{ way: 'PATH', why: 'none there' }], fix: 'apt-get install it' },
    ]);
    const lines = text.split('\n');
    expect(lines[1]).toMatch(/^│ part +│ version +│ where from, or what to type +│$/);
    expect(lines[3]).toMatch(/^│ k6 +│ 2\.2\.0 +│ cache: \/c\/k6 +│$/);
    expect(lines[5]).toMatch(/^│ redis +│ missing +│ apt-get install it +│$/);
    expect(lines.at(-1)).toBe('redis: PATH: none there');
  });

  it('are four', () => {
    expect(PART_NAMES).toEqual(['k6', 'redis', 'java', 'kafka']);
  });
});
