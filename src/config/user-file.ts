/**
 * A YAML file as plain data in which every part keeps its place. Text in, data out: reads nothing from disk.
 */
import type { Place } from '../core/errors.ts';
import { parsePlacedYaml, type YamlNode } from '../core/placed-yaml.ts';

/** Keys and indices from the root to a part of a file. */
export type Path = readonly PropertyKey[];

export interface UserFile {
  /** The path as the user gave it, for problems. */
  readonly file: string;
  /** Maps, lists and scalars as in JSON; null when the file is empty. */
  readonly data: unknown;
  /** Undefined when there is no value. */
  valueAt(path: Path): unknown;
  /** The start of the value at a path; for a missing value, the innermost map or list around it. */
  placeOf(path: Path): Place;
  /** The start of the key at the end of a path. */
  placeOfKey(path: Path): Place;
  /** The comment after a value on its line, without `#`. */
  commentOf(path: Path): string | null;
}

/** @throws usage error with every problem of the syntax, each with its place. */
export function parseUserFile(file: string, text: string): UserFile {
  const root = parsePlacedYaml(file, text);
  const data = root.value;
  /** The deepest part of a path that was written. */
  const deepest = (path: Path): YamlNode => {
    let node = root;
    for (const part of path) {
      const child = node.kind === 'list' ? node.items[Number(part)] : node.entries.get(String(part));
      if (child === undefined) break;
      node = child;
    }
    return node;
  };
  return {
    file,
    data,
    valueAt: (path) => partOf(data, path),
    placeOf: (path) => deepest(path).place,
    placeOfKey: (path) => deepest(path).keyPlace,
    commentOf: (path) => deepest(path).comment,
  };
}

function partOf(data: unknown, path: Path): unknown {
  let value = data;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}
