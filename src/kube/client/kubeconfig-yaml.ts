/**
 * A kubeconfig as nodes with their places; every problem has file, line and column. It is kubectl's file:
 * src/config reads the files that users write for Gauntlet.
 */
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { didYouMean } from '../../core/did-you-mean.ts';
import { GauntletError, type Place, type Problem, show, throwInFileOrder } from '../../core/errors.ts';

export interface YamlNode {
  readonly place: Place;
  /** Its value as plain data. */
  readonly value: unknown;
  /** Keys in written order; empty when this is not a map. */
  readonly entries: ReadonlyMap<string, YamlNode>;
  /** Empty when this is not a list. */
  readonly items: readonly YamlNode[];
  readonly kind: 'map' | 'list' | 'scalar';
}

/** Collects problems; reading continues after each, with undefined for unreadable parts. */
export class YamlProblems {
  readonly #all: Problem[] = [];

  add(place: Place, problem: Omit<Problem, 'place'>): undefined {
    this.#all.push({ ...problem, place });
    return undefined;
  }

  /** @throws usage error with every problem, in the order of the file. */
  throwIfAny(): void {
    throwInFileOrder(this.#all);
  }

  /** Reports keys that are not allowed, with the nearest allowed one. */
  onlyKeys(node: YamlNode, subject: string, allowed: readonly string[]): void {
    for (const [key, child] of node.entries) {
      if (allowed.includes(key)) continue;
      const problem = { subject, expected: `one of ${allowed.join(', ')}`, got: show(key) };
      this.add(child.place, { ...problem, ...didYouMean(key, allowed) });
    }
  }
}

export function parseYaml(file: string, text: string): YamlNode {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  if (document.errors.length > 0) {
    throw new GauntletError(
      'usage',
      document.errors.map((error) => ({
        subject: 'YAML',
        expected: 'valid YAML',
        got: error.message,
        place: placeAt(error.pos[0]),
      })),
    );
  }
  return nodeOf(document.contents, placeAt, placeAt(0));
}

function nodeOf(raw: unknown, placeAt: (offset: number) => Place, fallback: Place): YamlNode {
  const node = raw as Node | null;
  const place = node?.range ? placeAt(node.range[0]) : fallback;
  const entries = new Map<string, YamlNode>();
  const items: YamlNode[] = [];
  if (isMap(node)) {
    for (const pair of node.items) {
      const at = (pair.key as Node | null)?.range ? placeAt((pair.key as Node).range?.[0] ?? 0) : place;
      const child = nodeOf(pair.value, placeAt, at);
      entries.set(isScalar(pair.key) ? String(pair.key.value) : String(pair.key), child);
    }
  }
  if (isSeq(node)) for (const item of node.items) items.push(nodeOf(item, placeAt, place));
  return {
    place,
    value: node?.toJSON() ?? null,
    entries,
    items,
    kind: isMap(node) ? 'map' : isSeq(node) ? 'list' : 'scalar',
  };
}
