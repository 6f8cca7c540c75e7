/**
 * PostgreSQL >= 14: GAUNTLET_POSTGRES → PATH → Debian's folders → cache → Debian packages unpacked into the
 * cache. It is never installed: the package would create a cluster of its own.
 */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Tools } from '../../../../src/core/tools.ts';
import { buildFolder } from '../../../../src/system/toolchain/cache-folder.ts';
import {
  envSource,
  isFolder,
  lookAt,
  type Program,
  pathSource,
} from '../../../../src/system/toolchain/local-sources.ts';
import { type Lookup, no, type ToolContext, type ToolSource } from '../../../../src/system/toolchain/part.ts';
import { unpackPackage } from './apt.ts';
import { debianArch, librariesIn } from './unpacked.ts';

type Postgres = NonNullable<Tools['postgres']>;

/** The first whose initdb is silent about what to do next. */
const LEAST = 14;
/** Where Debian and its like keep one folder for each version; they are not on PATH. */
const FOLDER = '/usr/lib/postgresql';

export const postgresProgram: Program<Postgres> = {
  file: 'postgres',
  needed: `a postgres ${LEAST} or newer`,
  versionArgs: ['--version'],
  versionIn: (text) => /\bPostgreSQL\) (\d+(?:\.\d+)?)/.exec(text)?.[1],
  fits: (version) => Number.parseInt(version, 10) >= LEAST,
  tool: (path) => ({ bin: dirname(path), libraryPath: null }),
};

async function lookIn(folder: string, ctx: ToolContext, libraries = ''): Promise<Lookup<Postgres>> {
  if (!isFolder(folder)) return no(`no ${folder}`);
  const whys: string[] = [];
  // The newest first; as numbers, because 9 comes before 15.
  for (const version of readdirSync(folder).sort((a, b) => Number(b) - Number(a))) {
    const bin = join(folder, version, 'bin');
    // A package of clients only has the folder too.
    if (!existsSync(join(bin, 'initdb'))) continue;
    const environment = libraries === '' ? {} : { LD_LIBRARY_PATH: libraries };
    const look = await lookAt(postgresProgram, join(bin, 'postgres'), ctx, environment);
    if (look.kind === 'found')
      return { ...look, tool: { bin, libraryPath: libraries === '' ? null : libraries } };
    if (look.kind === 'no') whys.push(look.why);
  }
  return no(whys.length > 0 ? whys.join('; ') : `no server below ${folder}`);
}

const cacheFolder = (ctx: ToolContext): string => join(ctx.places.cache, `postgres-${debianArch}`);

const lookInCache = (ctx: ToolContext): Promise<Lookup<Postgres>> =>
  lookIn(join(cacheFolder(ctx), FOLDER), ctx, librariesIn(cacheFolder(ctx), ctx));

/** @param folder Debian's; only tests pass another. */
export const localPostgres = (ctx: ToolContext, folder = FOLDER): readonly ToolSource<Postgres>[] => [
  envSource('GAUNTLET_POSTGRES', postgresProgram, ctx, (value) =>
    isFolder(value) ? join(value, 'postgres') : value,
  ),
  pathSource(postgresProgram, ctx),
  { name: folder, look: () => lookIn(folder, ctx) },
  { name: 'cache', look: () => lookInCache(ctx) },
];

export const fetchedPostgres = (ctx: ToolContext): readonly ToolSource<Postgres>[] => [
  {
    name: 'Debian packages, unpacked into the cache',
    async look() {
      ctx.progress('unpacking postgresql from Debian packages into the cache');
      const got = await buildFolder(ctx.places.cache, cacheFolder(ctx), (draft) =>
        unpackPackage(ctx, 'postgresql', draft),
      );
      return got.ok ? lookInCache(ctx) : no(got.why);
    },
  },
];
