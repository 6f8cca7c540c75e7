/**
 * Java >= 17: GAUNTLET_JAVA → JAVA_HOME → PATH → the usual folders → cache → apt-get install as root → Debian
 * packages unpacked into the cache. Installing comes before unpacking here: only an installed Java has
 * certificates, which Maven needs.
 */
import { readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { buildFolder } from '../../../../src/system/toolchain/cache-folder.ts';
import {
  envSource,
  isFolder,
  lookAt,
  type Program,
  pathSource,
} from '../../../../src/system/toolchain/local-sources.ts';
import { type Lookup, no, type ToolContext, type ToolSource } from '../../../../src/system/toolchain/part.ts';
import { installPackage, unpackPackage } from './apt.ts';
import { debianArch } from './unpacked.ts';

export interface Java {
  /** The binary itself, not a link: after an upgrade /usr/bin/java is another Java. */
  readonly path: string;
  /** The full build, such as `17.0.15+6-Debian-1deb12u1`: a class-data archive is valid for exactly one. */
  readonly build: string;
}

const LEAST = 17;
const PACKAGES = ['openjdk-17-jre-headless', 'openjdk-21-jre-headless', 'default-jre-headless'];
/** The JDK folders of distributions (Debian, Fedora, SUSE) and images (eclipse-temurin). */
export const JAVA_FOLDERS: readonly string[] = ['/usr/lib/jvm', '/opt/java', '/opt/jdk', '/usr/java'];

export const javaProgram: Program<Java> = {
  file: 'java',
  needed: 'a java 17 or newer',
  versionArgs: ['-version'],
  // `1.8.0_402` is Java 8: the leading 1 was dropped with Java 9.
  versionIn: (text) => /version "(?:1\.)?([^"]+)"/.exec(text)?.[1],
  fits: (version) => Number.parseInt(version, 10) >= LEAST,
  tool: (path, said) => ({
    path: realpathSync(path),
    build: /Runtime Environment.*\(build ([^)\s,]+)/.exec(said)?.[1] ?? 'unknown',
  }),
};

const javaBelow = (home: string): string => join(home, 'bin', 'java');

/** The first suitable Java in the folders, in the order of their names. */
async function lookInFolders(ctx: ToolContext, folders: readonly string[]): Promise<Lookup<Java>> {
  const whys: string[] = [];
  for (const folder of folders.filter(isFolder)) {
    for (const home of [
      folder,
      ...readdirSync(folder)
        .sort()
        .map((name) => join(folder, name)),
    ]) {
      if (!isFolder(join(home, 'bin'))) continue;
      const look = await lookAt(javaProgram, javaBelow(home), ctx);
      if (look.kind !== 'no') return look;
      whys.push(look.why);
    }
  }
  return no(whys.length > 0 ? whys.join('; ') : `no Java below ${folders.join(', ')}`);
}

const cacheFolder = (ctx: ToolContext): string => join(ctx.places.cache, `java-${debianArch}`);
const lookInCache = (ctx: ToolContext): Promise<Lookup<Java>> =>
  lookInFolders(ctx, [join(cacheFolder(ctx), 'usr', 'lib', 'jvm')]);

/** @param folders the usual folders; only tests pass others. */
export const localJava = (
  ctx: ToolContext,
  folders: readonly string[] = JAVA_FOLDERS,
): readonly ToolSource<Java>[] => [
  envSource('GAUNTLET_JAVA', javaProgram, ctx, (value) => (isFolder(value) ? javaBelow(value) : value)),
  envSource('JAVA_HOME', javaProgram, ctx, javaBelow),
  pathSource(javaProgram, ctx),
  { name: 'usual folders', look: () => lookInFolders(ctx, folders) },
  { name: 'cache', look: () => lookInCache(ctx) },
];

export const fetchedJava = (ctx: ToolContext): readonly ToolSource<Java>[] => [
  ...PACKAGES.map((name) => ({
    name: `apt-get install ${name}`,
    async look() {
      const got = await installPackage(ctx, name);
      return got.ok ? lookInFolders(ctx, JAVA_FOLDERS) : no(got.why);
    },
  })),
  ...PACKAGES.map((name) => ({
    name: `Debian package ${name}, unpacked into the cache`,
    async look() {
      ctx.progress(`unpacking ${name} into the cache`);
      const got = await buildFolder(ctx.places.cache, cacheFolder(ctx), (draft) =>
        unpackPackage(ctx, name, draft),
      );
      return got.ok ? lookInCache(ctx) : no(got.why);
    },
  })),
];
