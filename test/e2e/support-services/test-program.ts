import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../src/system/project.ts';

/**
 * The compiled file of one of test/programs, which tests start as processes of their own.
 * @throws Error when it is not compiled: its child would only be silent.
 */
export function testProgram(name: string): string {
  const path = join(projectRoot, 'dist', 'test', 'programs', `${name}.js`);
  if (!existsSync(path)) throw new Error(`${path}: expected to be compiled, got no file. Run: npm run build`);
  return path;
}
