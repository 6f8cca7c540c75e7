/**
 * Collects files of this machine for an image: files, folders, and programs with the shared libraries that
 * the loader would find.
 */
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GauntletError } from '../../../../src/core/errors.ts';
import { type Env, runCommand } from '../../../../src/system/toolchain/command.ts';
import type { TarEntry } from './tar.ts';

/** One file at another place, or at its own. */
export const fileEntry = (from: string, to = from): TarEntry => ({
  path: to.replace(/^\//, ''),
  content: from,
  isExecutable: (statSync(from).mode & 0o111) !== 0,
});

/**
 * A folder with everything below it; symbolic links are followed. @param wanted false leaves a file or folder
 * out; gets its path below `from`.
 */
export function folderEntries(
  from: string,
  to: string,
  wanted: (path: string) => boolean = () => true,
  below = '',
): readonly TarEntry[] {
  return readdirSync(join(from, below))
    .sort()
    .flatMap((name) => {
      const path = join(below, name);
      // A dangling link (a JDK's src.zip without its package) is skipped.
      const stat = statSync(join(from, path), { throwIfNoEntry: false });
      if (!stat || !wanted(path)) return [];
      if (stat.isDirectory()) return folderEntries(from, to, wanted, path);
      return stat.isFile() ? [fileEntry(join(from, path), join(to, path))] : [];
    });
}

export interface Libraries {
  readonly files: readonly TarEntry[];
  /** Their folders, for LD_LIBRARY_PATH: an image has no loader cache. */
  readonly folders: readonly string[];
}

/**
 * The shared libraries of some programs, including the loader, each at its original path (`ldd`).
 * @param libraryPath LD_LIBRARY_PATH that the program needs on this machine. @throws unavailable when one is
 * not found.
 */
export async function librariesOf(
  programs: readonly string[],
  callers: Env,
  libraryPath: string | null = null,
): Promise<Libraries> {
  const env = { ...callers, ...(libraryPath === null ? {} : { LD_LIBRARY_PATH: libraryPath }) };
  const said = await Promise.all(
    programs.map((program) => runCommand('ldd', [program], { env, timeoutMs: 30_000 })),
  );
  const found = new Set<string>();
  for (const [index, one] of said.entries()) {
    const missing = one.ok ? / *(\S+) => not found/.exec(one.output)?.[1] : one.why;
    if (missing !== undefined && !/not a dynamic executable/.test(one.output)) {
      const subject = `image: shared libraries of ${programs[index]}`;
      throw new GauntletError('unavailable', [{ subject, expected: 'all of them', got: `not ${missing}` }]);
    }
    for (const path of pathsIn(one.output)) found.add(path);
  }
  const paths = [...found].sort();
  const folders = [
    ...new Set(paths.filter((path) => !/\/ld-[^/]*$/.test(path)).map((path) => dirname(path))),
  ];
  return { files: paths.map((path) => fileEntry(path)), folders };
}

/** What `ldd` printed: `libm.so.6 => /lib/.../libm.so.6 (0x...)`, and the loader alone on its line. */
export const pathsIn = (output: string): readonly string[] =>
  output.split('\n').flatMap((line) => {
    const path = /^\s*(?:\S+ => )?(\/\S+) \(0x[0-9a-f]+\)$/.exec(line)?.[1];
    return path === undefined ? [] : [path];
  });
