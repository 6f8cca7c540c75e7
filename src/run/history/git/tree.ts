/** The files of one commit, read at once. */
import type { GitAnswer, GitInput } from '../../../system/git.ts';

export interface Tree {
  readonly tip: string;
  /** Texts by path. */
  readonly files: ReadonlyMap<string, string>;
}

type Call = (args: readonly string[], input?: GitInput) => Promise<GitAnswer>;

/**
 * @param call runs git, and throws when it fails.
 * @param texts by the id of their blob: a second look reads only what is new. It gains them.
 */
export async function treeAt(tip: string, call: Call, texts: Map<string, string>): Promise<Tree> {
  const { stdout } = await call(['ls-tree', '-r', '-z', tip]);
  const entries = stdout
    .toString('utf8')
    .split('\0')
    .flatMap((line) => {
      const [, mode = '', id = '', path = ''] = /^(\d+) \w+ ([0-9a-f]+)\t([\s\S]*)$/.exec(line) ?? [];
      return path === '' ? [] : [{ isFile: mode.startsWith('100'), id, path }];
    });
  const blobs = entries.filter((one) => one.isFile);
  const files = new Map<string, string>();
  // A link or a submodule is no record; its name says so to whoever lists the files.
  for (const { path, isFile } of entries) if (!isFile) files.set(`${path} (no file)`, '');
  const unknown = [...new Set(blobs.map((one) => one.id))].filter((id) => !texts.has(id));
  if (unknown.length > 0) await readBlobs(unknown, call, texts);
  for (const { path, id } of blobs) files.set(path, texts.get(id) ?? '');
  return { tip, files };
}

async function readBlobs(ids: readonly string[], call: Call, texts: Map<string, string>): Promise<void> {
  const { stdout } = await call(['cat-file', '--batch'], { stdin: ids.map((id) => `${id}\n`).join('') });
  let at = 0;
  for (const id of ids) {
    // `<id> blob <bytes>`, the bytes, a line break.
    const end = stdout.indexOf('\n', at);
    const bytes = Number(stdout.subarray(at, end).toString('latin1').split(' ')[2]);
    texts.set(id, stdout.subarray(end + 1, end + 1 + bytes).toString('utf8'));
    at = end + 1 + bytes + 1;
  }
}
