/**
 * The folders of node_modules that a program needs: the packages it names and, recursively, their
 * dependencies.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface PackageJson {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * Absolute folders, in the root's node_modules and in nested ones. @throws Error when one is not installed.
 */
export function packageFolders(root: string, names: readonly string[]): readonly string[] {
  const found = new Set<string>();
  const visit = (from: string, name: string, isOptional: boolean): void => {
    const folder = resolvePackage(root, from, name);
    if (folder === undefined) {
      if (isOptional) return;
      throw new Error(`${name}, which ${from} needs, is not in node_modules: npm install`);
    }
    if (found.has(folder)) return;
    found.add(folder);
    const json = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageJson;
    for (const one of Object.keys(json.dependencies ?? {})) visit(folder, one, false);
    for (const one of Object.keys(json.optionalDependencies ?? {})) visit(folder, one, true);
  };
  for (const name of names) visit(root, name, false);
  return [...found].sort();
}

/** Resolved as Node does: in the nearest node_modules upwards, but never above the root. */
function resolvePackage(root: string, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
    if (folder === root || folder === dirname(folder)) return undefined;
  }
}
