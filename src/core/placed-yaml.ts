/**
 * YAML as nodes with their places, so that every problem of a file can name its line and column. Text in,
 * nodes out: reads nothing from disk.
 */
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { GauntletError, messageOf, type Place } from './errors.ts';

export interface YamlNode {
  /** The start of the value; for a missing value, the place after its key. */
  readonly place: Place;
  /** The start of the key; for an entry of a list, or the root, the same as `place`. */
  readonly keyPlace: Place;
  readonly kind: 'map' | 'list' | 'scalar';
  /** Plain data as in JSON; null when there is no value. */
  readonly value: unknown;
  /** The comment after the value on its line, without `#`. */
  readonly comment: string | null;
  /** Keys in written order; empty when this is not a map. */
  readonly entries: ReadonlyMap<string, YamlNode>;
  /** Empty when this is not a list. */
  readonly items: readonly YamlNode[];
}

/** The node of a missing value. */
export const emptyMapAt = (place: Place): YamlNode => ({
  ...{ place, keyPlace: place, kind: 'map', value: {}, comment: null },
  ...{ entries: new Map(), items: [] },
});

/** @throws usage error with every problem of the syntax, each with its place. */
export function parsePlacedYaml(file: string, text: string): YamlNode {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const broken = document.errors.map(({ message, pos }) => brokenYaml(message, placeAt(pos[0])));
  if (broken.length > 0) throw new GauntletError('usage', broken);
  const start = placeAt(0);
  try {
    // Aliases are resolved only here, so a missing anchor or an alias bomb becomes visible only here.
    document.toJS();
  } catch (error) {
    throw new GauntletError('usage', [brokenYaml(messageOf(error), start)], { cause: error });
  }
  return new PlacedNode(document, document.contents, placeAt, start);
}

const brokenYaml = (message: string, place: Place) => ({
  subject: 'YAML',
  expected: 'valid YAML',
  got: message,
  place,
});

/** Children are created on demand: an anchor may be used more often than it could be copied. */
class PlacedNode implements YamlNode {
  readonly place: Place;
  readonly keyPlace: Place;
  readonly comment: string | null;
  readonly #document: Document;
  readonly #node: Node | null;
  readonly #placeAt: (offset: number) => Place;

  constructor(document: Document, written: unknown, placeAt: (offset: number) => Place, key: Place) {
    const node = written as Node | null;
    this.#document = document;
    this.#placeAt = placeAt;
    this.#node = isAlias(node) ? (node.resolve(document) ?? null) : node;
    this.place = node?.range ? placeAt(node.range[0]) : key;
    this.keyPlace = key;
    this.comment = node?.comment?.trim() ?? null;
  }

  get kind(): YamlNode['kind'] {
    return isMap(this.#node) ? 'map' : isSeq(this.#node) ? 'list' : 'scalar';
  }

  get value(): unknown {
    return this.#node?.toJS(this.#document) ?? null;
  }

  get entries(): ReadonlyMap<string, YamlNode> {
    const pairs = isMap(this.#node) ? this.#node.items : [];
    return new Map(
      pairs.map(({ key, value }) => {
        const name = isScalar(key) ? String(key.value) : String(key);
        const range = (key as Node | null)?.range;
        return [name, this.#child(value, range ? this.#placeAt(range[0]) : this.place)];
      }),
    );
  }

  get items(): readonly YamlNode[] {
    return isSeq(this.#node) ? this.#node.items.map((one) => this.#child(one, this.place)) : [];
  }

  #child(written: unknown, key: Place): YamlNode {
    return new PlacedNode(this.#document, written, this.#placeAt, key);
  }
}
