/**
 * Reads a YAML file of a user's with places: whoever reads says what it expects, every departure is noted with file, line
 * and column, and all of them come at once. Knows YAML and units, nothing of targets or campaigns.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { GauntletError, type Place, type Problem, show } from '../core/errors.ts';
import {
  type BitsPerSecond,
  type Ms,
  type Parsed,
  type PerSecond,
  parseBandwidth,
  parseDuration,
  parseRate,
  parseRatio,
  type Ratio,
} from '../core/units.ts';
import { didYouMean } from './nearest.ts';

/** What is wrong with a value; the value itself adds subject, place and, unless given, what it is. */
export interface Complaint {
  readonly expected: string;
  /** Say it here where the value must not be shown, such as a secret. */
  readonly got?: string;
  readonly next?: string;
}

interface Source {
  readonly file: string;
  readonly lines: LineCounter;
  readonly problems: Problem[];
  resolve(node: Node | null): Node | null;
}

/** One value of the document. Readers return undefined after they have noted a problem; the caller just goes on. */
export class YamlValue {
  /** `gateway.url`, `faults[0]`: as it is called in problems. */
  readonly subject: string;
  readonly #source: Source;
  readonly #node: Node | null;
  readonly #at: Node | null;

  /** @param at where problems point when the value itself is empty: its key. */
  constructor(subject: string, source: Source, node: Node | null, at: Node | null) {
    this.subject = subject;
    this.#source = source;
    this.#node = source.resolve(node);
    this.#at = node ?? at;
  }

  get place(): Place {
    const { line, col } = this.#source.lines.linePos(this.#at?.range?.[0] ?? 0);
    return { file: this.#source.file, line: Math.max(1, line), column: Math.max(1, col) };
  }

  /** The comment behind the value on its line, without `#`; where authors put their sources. */
  get comment(): string | undefined {
    const text = this.#node?.comment?.trim();
    return text === undefined || text === '' ? undefined : text;
  }

  /** The value as plain data, unread and unchecked. */
  raw(): unknown {
    const node = this.#node;
    if (node === null) return null;
    return isScalar(node) ? node.value : node.toJSON();
  }

  problem(complaint: Complaint): undefined {
    const { expected, next } = complaint;
    this.#source.problems.push({
      subject: this.subject,
      expected,
      got: complaint.got ?? show(this.raw()),
      ...(next === undefined ? {} : { next }),
      place: this.place,
    });
    return undefined;
  }

  /** A map with these keys and no other. */
  map(keys: readonly string[]): YamlMap | undefined {
    const map = this.openMap();
    for (const key of map?.keys() ?? []) {
      if (keys.includes(key)) continue;
      map?.key(key).problem({
        expected: `one of the keys ${keys.join(', ')}`,
        got: show(key),
        ...nextOf(didYouMean(key, keys)),
      });
    }
    return map;
  }

  /** A map whose keys are the author's own names. */
  openMap(): YamlMap | undefined {
    const node = this.#node;
    if (isMap(node)) return new YamlMap(this.subject, this.#source, node, this);
    return this.problem({ expected: 'a map of keys and values' });
  }

  /** A map of exactly one entry, such as `kill-pod: { ... }`. */
  entry(): { readonly key: YamlValue; readonly name: string; readonly value: YamlValue } | undefined {
    const map = this.openMap();
    const [name, more] = map?.keys() ?? [];
    if (!map) return undefined;
    if (name === undefined || more !== undefined)
      return this.problem({ expected: 'a map with exactly one key' });
    const value = map.optional(name) ?? map.key(name);
    return { key: map.key(name), name, value };
  }

  list(): readonly YamlValue[] | undefined {
    const node = this.#node;
    if (!isSeq(node)) return this.problem({ expected: 'a list' });
    return node.items.map(
      (item, index) => new YamlValue(`${this.subject}[${index}]`, this.#source, item as Node | null, node),
    );
  }

  string(expected = 'a text'): string | undefined {
    const value = this.raw();
    return typeof value === 'string' && value.trim() !== '' ? value : this.problem({ expected });
  }

  boolean(): boolean | undefined {
    const value = this.raw();
    return typeof value === 'boolean' ? value : this.problem({ expected: 'true or false' });
  }

  integer(from: number, to: number): number | undefined {
    const value = this.raw();
    return typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to
      ? value
      : this.problem({ expected: `a whole number from ${from} to ${to}` });
  }

  oneOf<const Word extends string>(words: readonly Word[]): Word | undefined {
    const value = this.raw();
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    return this.problem({
      expected: words.length === 1 ? `${words[0]}` : `one of ${words.join(', ')}`,
      ...(typeof value === 'string' ? nextOf(didYouMean(value, words)) : {}),
    });
  }

  /** Anything that a parser makes of the raw value. */
  parsed<T>(parse: (raw: unknown) => Parsed<T>): T | undefined {
    const result = parse(this.raw());
    return result.ok ? result.value : this.problem({ expected: result.expected });
  }

  duration(): Ms | undefined {
    return this.parsed(parseDuration);
  }

  rate(): PerSecond | undefined {
    return this.parsed(parseRate);
  }

  bandwidth(): BitsPerSecond | undefined {
    return this.parsed(parseBandwidth);
  }

  ratio(): Ratio | undefined {
    return this.parsed(parseRatio);
  }
}

export class YamlMap {
  readonly #subject: string;
  readonly #source: Source;
  readonly #node: YAMLMap;
  readonly #self: YamlValue;

  constructor(subject: string, source: Source, node: YAMLMap, self: YamlValue) {
    this.#subject = subject;
    this.#source = source;
    this.#node = node;
    this.#self = self;
  }

  keys(): readonly string[] {
    return this.#node.items.map((pair) => String(isScalar(pair.key) ? pair.key.value : pair.key));
  }

  has(key: string): boolean {
    return this.keys().includes(key);
  }

  /** The key itself, to point a problem at; the whole map when there is no such key. */
  key(name: string): YamlValue {
    const pair = this.#pair(name);
    if (!pair) return this.#self;
    return new YamlValue(this.#child(name), this.#source, pair.key as Node, this.#node);
  }

  optional(name: string): YamlValue | undefined {
    const pair = this.#pair(name);
    if (!pair) return undefined;
    return new YamlValue(this.#child(name), this.#source, pair.value as Node | null, pair.key as Node);
  }

  required(name: string, expected = 'to be given'): YamlValue | undefined {
    const found = this.optional(name);
    if (found) return found;
    this.#source.problems.push({
      subject: this.#child(name),
      expected,
      got: 'nothing',
      place: this.#self.place,
    });
    return undefined;
  }

  #pair(name: string): YAMLMap['items'][number] | undefined {
    return this.#node.items.find((pair) => String(isScalar(pair.key) ? pair.key.value : pair.key) === name);
  }

  #child(name: string): string {
    return this.#subject === '' ? name : `${this.#subject}.${name}`;
  }
}

export interface YamlFile {
  readonly root: YamlValue;
  /** Throws one GauntletError(usage) with every problem so far, in the order of the file. */
  finish(): void;
}

/**
 * @param file the name that problems carry, as the user typed it.
 * @throws GauntletError(usage) at once when the text is not YAML: nothing can be read then.
 */
export function readYaml(file: string, text: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const problems: Problem[] = [...document.errors, ...document.warnings].map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    return {
      subject: 'YAML',
      expected: 'a well-formed document',
      got: error.message,
      place: { file, line, column: col },
    };
  });
  const source: Source = {
    file,
    lines,
    problems,
    resolve: (node) => (isAlias(node) ? (node.resolve(document) ?? null) : node),
  };
  const finish = (): void => {
    if (problems.length === 0) return;
    const place = (problem: Problem): number =>
      (problem.place?.line ?? 0) * 10_000 + (problem.place?.column ?? 0);
    throw new GauntletError(
      'usage',
      [...problems].sort((a, b) => place(a) - place(b)),
    );
  };
  finish();
  return { root: new YamlValue('', source, document.contents as Node | null, null), finish };
}

const nextOf = (next: string | undefined): { readonly next?: string } => (next === undefined ? {} : { next });
