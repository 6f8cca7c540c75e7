/** Writes what `gauntlet init` has asked. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeWhole } from '../../system/durable-file.ts';
import { makeFolder } from '../../system/make-folder.ts';
import { type Note, throwAll } from './asking.ts';
import { filesOf, type InitAnswers } from './files.ts';
import { copyState, LIBRARY_FILE, writeLibrary } from './library.ts';

/** All files, or none. */
export function writeFiles(answers: InitAnswers, root: string, note: Note): void {
  const files = filesOf(answers, root);
  const isShared = (path: string): boolean => path === join('scenarios', 'tsconfig.json');
  const there = files.filter(({ path }) => existsSync(join(root, path)) && !isShared(path));
  throwAll(
    there.map(({ path }) => ({
      subject: path,
      expected: 'no such file, because init writes over none',
      got: 'a file',
      next: 'Move it away, or give another --name.',
    })),
  );
  const needsLibrary = answers.gets.length > 0;
  if (needsLibrary && copyState(root).kind === 'changed')
    note(`${LIBRARY_FILE} is kept as it is: it is not as gauntlet init wrote it`);
  else if (needsLibrary) note(writeLibrary(root));
  for (const { path, text } of files) {
    if (existsSync(join(root, path))) continue;
    makeFolder(dirname(join(root, path)));
    writeWhole(join(root, path), text);
    note(`wrote ${path}`);
  }
}
