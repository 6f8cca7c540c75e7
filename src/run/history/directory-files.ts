/** A history in a folder: of this machine, or shared by several. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GauntletError, messageOf } from '../../core/errors.ts';
import { environmentProblem } from '../../core/system-errors.ts';
import { writeWhole } from '../../system/durable-file.ts';
import { makeDurableFolder } from '../../system/durable-folder.ts';
import type { HistoryFiles } from './files.ts';

export class DirectoryFiles implements HistoryFiles {
  readonly where: string;
  readonly #root: string;

  /** @param where how messages name `root`. */
  constructor(where: string, root: string) {
    this.where = where;
    this.#root = root;
  }

  list(): readonly string[] {
    return existsSync(this.#root) ? filesBelow(this.#root, '').sort() : [];
  }

  read(path: string): string {
    return readFileSync(join(this.#root, path), 'utf8');
  }

  write(path: string, text: string): void {
    const file = join(this.#root, path);
    if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
    try {
      makeDurableFolder(dirname(file));
      writeWhole(file, text);
    } catch (error) {
      throw notWritten(this.where, error);
    }
  }

  derive(path: string, text: string): void {
    this.write(path, text);
  }

  async publish(): Promise<void> {}

  async close(): Promise<void> {}
}

function notWritten(where: string, error: unknown): unknown {
  if (environmentProblem(error) === undefined) return error;
  const next = 'What it holds is unchanged: mend that, then do the same again.';
  const problem = { subject: `history ${where}`, expected: 'to be writable', got: messageOf(error), next };
  return new GauntletError('unavailable', [problem], { cause: error });
}

/** Links are listed, not followed: they are no records. */
function filesBelow(root: string, above: string): string[] {
  return readdirSync(join(root, above), { withFileTypes: true }).flatMap((entry) => {
    const path = above === '' ? entry.name : `${above}/${entry.name}`;
    if (!entry.isDirectory()) return [entry.isFile() ? path : `${path} (no file)`];
    return entry.name.startsWith('.') ? [] : filesBelow(root, path);
  });
}
