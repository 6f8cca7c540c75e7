/** k6 2.x: GAUNTLET_K6 → PATH → cache → the project's release archive → a build with Go from packages/k6. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../project.ts';
import { K6_RELEASES, k6Archive } from './k6-archive.ts';
import { buildK6 } from './k6-build.ts';
import { envSource, lookAt, type Program, pathSource } from './local-sources.ts';
import { no, type ToolContext, type ToolSource } from './part.ts';

export const k6Inputs: string = join(projectRoot, 'packages/k6');

export const k6Program: Program<string> = {
  file: 'k6',
  needed: 'a k6 2.x binary',
  versionArgs: ['version'],
  versionIn: (text) => /\bk6(?:\.exe)? v?(\d+\.\d+\.\d+)/.exec(text)?.[1],
  fits: (version) => version.startsWith('2.'),
  tool: (path) => path,
};

/**
 * The version that go.mod pins; the download uses the same one.
 * @throws when packages/k6/go.mod names none.
 */
export function pinnedK6(inputs: string = k6Inputs): string {
  const text = readFileSync(join(inputs, 'go.mod'), 'utf8');
  const version = /go\.k6\.io\/k6\/v2 v(\d+\.\d+\.\d+)/.exec(text)?.[1];
  if (version === undefined) throw new Error(`${inputs}/go.mod does not require go.k6.io/k6/v2`);
  return version;
}

const cacheFolder = (ctx: ToolContext): string => join(ctx.places.cache, `k6-${pinnedK6()}`);

export const localK6 = (ctx: ToolContext): readonly ToolSource<string>[] => [
  envSource('GAUNTLET_K6', k6Program, ctx),
  pathSource(k6Program, ctx),
  { name: 'cache', look: () => lookAt(k6Program, join(cacheFolder(ctx), 'k6'), ctx) },
];

/** @param releases base address of the release files; another one only in tests. */
export const fetchedK6 = (
  ctx: ToolContext,
  releases: string = K6_RELEASES,
): readonly ToolSource<string>[] => {
  const folder = cacheFolder(ctx);
  const binary = join(folder, 'k6');
  return [
    {
      name: 'release archive',
      async look() {
        const got = await k6Archive(ctx, pinnedK6(), folder, releases);
        return got.ok ? lookAt(k6Program, binary, ctx) : no(got.why);
      },
    },
    {
      name: 'build with Go',
      async look() {
        const got = await buildK6(ctx, k6Inputs, pinnedK6(), folder);
        return got.ok ? lookAt(k6Program, binary, ctx) : no(got.why);
      },
    },
  ];
};
