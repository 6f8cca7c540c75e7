/**
 * Redis >= 7: GAUNTLET_REDIS_SERVER → PATH → cache → Debian packages unpacked into the cache → apt-get
 * install as root.
 */
import { join } from 'node:path';
import type { Tools } from '../../../../src/core/tools.ts';
import { buildFolder } from '../../../../src/system/toolchain/cache-folder.ts';
import {
  atLeast,
  envSource,
  lookAt,
  type Program,
  pathSource,
} from '../../../../src/system/toolchain/local-sources.ts';
import { type Lookup, no, type ToolContext, type ToolSource } from '../../../../src/system/toolchain/part.ts';
import { installPackage, unpackPackage } from './apt.ts';
import { debianArch, librariesIn } from './unpacked.ts';

type Redis = NonNullable<Tools['redis']>;

const LEAST = '7.0';

export const redisProgram: Program<Redis> = {
  file: 'redis-server',
  needed: 'a redis-server 7 or newer',
  versionArgs: ['--version'],
  versionIn: (text) => /\bv=(\d+\.\d+\.\d+)/.exec(text)?.[1],
  fits: (version) => atLeast(version, LEAST),
  tool: (path) => ({ server: path, libraryPath: null }),
};

const cacheFolder = (ctx: ToolContext): string => join(ctx.places.cache, `redis-${debianArch}`);

async function lookInCache(ctx: ToolContext): Promise<Lookup<Redis>> {
  const folder = cacheFolder(ctx);
  const server = join(folder, 'usr', 'bin', 'redis-server');
  const libraries = librariesIn(folder, ctx);
  if (libraries === '') return lookAt(redisProgram, server, ctx);
  const look = await lookAt(redisProgram, server, ctx, { LD_LIBRARY_PATH: libraries });
  return look.kind === 'found' ? { ...look, tool: { server, libraryPath: libraries } } : look;
}

export const localRedis = (ctx: ToolContext): readonly ToolSource<Redis>[] => [
  envSource('GAUNTLET_REDIS_SERVER', redisProgram, ctx),
  pathSource(redisProgram, ctx),
  { name: 'cache', look: () => lookInCache(ctx) },
];

export const fetchedRedis = (ctx: ToolContext): readonly ToolSource<Redis>[] => [
  {
    name: 'Debian packages, unpacked into the cache',
    async look() {
      ctx.progress('unpacking redis-server from Debian packages into the cache');
      const got = await buildFolder(ctx.places.cache, cacheFolder(ctx), (draft) =>
        unpackPackage(ctx, 'redis-server', draft),
      );
      return got.ok ? lookInCache(ctx) : no(got.why);
    },
  },
  {
    name: 'apt-get install redis-server',
    async look() {
      const got = await installPackage(ctx, 'redis-server');
      return got.ok ? pathSource(redisProgram, ctx).look() : no(got.why);
    },
  },
];
