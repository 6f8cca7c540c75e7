/**
 * Finds the file of a system under test: a path relative to the file that names it, or a name,
 * `systems/<name>/system.yaml`, in the working directory first and then among those that come with Gauntlet.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { FindSystem } from '../../config/read-target.ts';
import { parseSystem } from '../../config/system/read-system.ts';
import { didYouMean } from '../../core/did-you-mean.ts';
import { show, usageError } from '../../core/errors.ts';
import type { System } from '../../core/system.ts';
import { projectRoot } from '../../system/project.ts';
import { readText } from '../../system/read-text.ts';

const FILE = 'system.yaml';
const read = new Map<string, System>();

/** A file is read once: a target, its plan and its doctor ask for the same system. */
export const findSystem: FindSystem = (given, file) => {
  const name = given ?? defaultSystem();
  const path = /[/]|\.ya?ml$/.test(name) ? resolve(dirname(file), name) : named(name);
  if (path === undefined || !existsSync(path)) {
    const names = systemNames();
    return { expected: `the path of a file, or one of ${names.join(', ')}`, ...didYouMean(name, names) };
  }
  const known = read.get(path);
  if (known !== undefined) return known;
  const system = parseSystem(path, readText(path));
  read.set(path, system);
  return system;
};

/** Null: the default one. @throws usage with the names there are. */
export function systemNamed(given: string | null): System {
  const system = findSystem(given, '');
  if (!('expected' in system)) return system;
  throw usageError({ subject: 'system', got: show(given ?? defaultSystem()), ...system });
}

/** That of target files which name none, and of the sandbox: `gauntlet.system` in package.json. */
export function defaultSystem(): string {
  const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
    readonly gauntlet: { readonly system: string };
  };
  return manifest.gauntlet.system;
}

const roots = (): readonly string[] => [resolve('systems'), join(projectRoot, 'systems')];

const named = (name: string): string | undefined =>
  roots()
    .map((root) => join(root, name, FILE))
    .find((path) => existsSync(path));

/** Those that can be named without a path. */
function systemNames(): readonly string[] {
  const found = roots().flatMap((root) =>
    existsSync(root) ? readdirSync(root).filter((name) => existsSync(join(root, name, FILE))) : [],
  );
  return [...new Set(found)].sort();
}
