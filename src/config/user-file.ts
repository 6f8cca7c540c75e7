/**
 * A YAML file as plain data of which every part still knows its place. Text in, data out: nothing is read
 * from a disk here.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import { GauntletError, messageOf, type Place } from '../core/errors.ts';

/** Keys and indices from the root to a part of a file. */
export type Path = readonly PropertyKey[];

export interface UserFile {
  /** The path as it was given, for problems. */
  readonly file: string;
  /** Maps, lists and scalars as JSON has them; null when the file is empty. */
  readonly data: unknown;
  /** Undefined when nothing is there. */
  valueAt(path: Path): unknown;
  /** Where the value at a path begins; of a value that is not there, the innermost map or list around it. */
  placeOf(path: Path): Place;
  /** Where the key at the end of a path begins. */
  placeOfKey(path: Path): Place;
  /** The comment behind a value on its line, without `#`. */
  commentOf(path: Path): string | null;
}

/** @throws usage error with every problem of the syntax, each with its place. */
export function parseUserFile(file: string, text: string): UserFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const broken = document.errors.map(({ message, pos }) => brokenYaml(message, placeAt(pos[0])));
  if (broken.length > 0) throw new GauntletError('usage', broken);
  const resolved = (node: unknown): Node | null =>
    (isAlias(node) ? (node.resolve(document) ?? null) : (node as Node | null)) ?? null;

  /** The deepest part of a path that was written: its node and key, and whether it is the whole path. */
  const walk = (path: Path) => {
    let node = resolved(document.contents);
    let at = placeAt(node?.range?.[0] ?? 0);
    let keyAt = at;
    let comment: string | null = null;
    for (const part of path) {
      const pair = isMap(node) ? node.items.find((one) => keyText(one) === String(part)) : undefined;
      const child = pair ? pair.value : isSeq(node) ? node.items[Number(part)] : undefined;
      if (child === undefined && !pair) break;
      keyAt = placeAt((pair?.key as Node | undefined)?.range?.[0] ?? 0);
      const written = child as Node | null;
      at = written?.range ? placeAt(written.range[0]) : keyAt;
      comment = written?.comment ?? null;
      node = resolved(child);
    }
    return { at, keyAt, comment };
  };
  const data = plainData(() => document.toJS() as unknown, placeAt(0));
  return {
    file,
    data,
    valueAt: (path) => partOf(data, path),
    placeOf: (path) => walk(path).at,
    placeOfKey: (path) => walk(path).keyAt,
    commentOf: (path) => walk(path).comment?.trim() ?? null,
  };
}

const keyText = ({ key }: Pair): string => (isScalar(key) ? String(key.value) : String(key));

const brokenYaml = (message: string, place: Place) => ({
  subject: 'YAML',
  expected: 'valid YAML',
  got: message,
  place,
});

/** Aliases are followed only here: one without its anchor, and a bomb of them, are noticed late. */
function plainData(read: () => unknown, place: Place): unknown {
  try {
    return read() ?? null;
  } catch (error) {
    throw new GauntletError('usage', [brokenYaml(messageOf(error), place)], { cause: error });
  }
}

function partOf(data: unknown, path: Path): unknown {
  let value = data;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}
