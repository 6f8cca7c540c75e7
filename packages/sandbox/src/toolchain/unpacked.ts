/** Debian packages that were unpacked into the cache: their folder, and their shared libraries. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isFolder } from '../../../../src/system/toolchain/local-sources.ts';
import type { ToolContext } from '../../../../src/system/toolchain/part.ts';

/** Debian's names of architectures; the folder name contains it because machines may share a home folder. */
export const debianArch: string = { x64: 'amd64' }[process.arch as string] ?? process.arch;

/** LD_LIBRARY_PATH for a program below `folder`, before the caller's own; empty: none is needed. */
export const librariesIn = (folder: string, ctx: ToolContext): string =>
  [
    ...['usr/lib', 'lib'].flatMap((lib) => multiarchFolders(join(folder, lib))),
    ctx.env['LD_LIBRARY_PATH'] ?? '',
  ]
    .filter((one) => one !== '')
    .join(':');

/** Folders such as `usr/lib/x86_64-linux-gnu`, in which unpacked packages have their shared libraries. */
function multiarchFolders(lib: string): string[] {
  if (!isFolder(lib)) return [];
  return readdirSync(lib)
    .filter((name) => name.includes('-linux-gnu'))
    .map((name) => join(lib, name));
}
