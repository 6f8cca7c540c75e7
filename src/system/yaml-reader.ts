/**
 * Reads a YAML file as nodes that know their place, and collects every problem with file, line and column, so that an
 * author gets all of them at once. Knows nothing of campaigns or targets.
 */
import { readFileSync } from 'node:fs';
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { didYouMean } from '../core/did-you-mean.ts';
import { GauntletError, messageOf, type Place, type Problem, show } from '../core/errors.ts';
import { environmentProblem } from '../core/system-errors.ts';
import type { Parsed } from '../core/units.ts';

export interface YamlNode {
  readonly place: Place;
  /** What it is as plain data. */
  readonly value: unknown;
  /** The comment behind it on its line, without `#`. */
  readonly comment: string | null;
  /** Keys in the order they were written; empty when this is not a map. */
  readonly entries: ReadonlyMap<string, YamlNode>;
  /** Empty when this is not a list. */
  readonly items: readonly YamlNode[];
  readonly kind: 'map' | 'list' | 'scalar';
}

/** Collects problems; reading goes on after each, with undefined for what could not be read. */
export class YamlProblems {
  readonly #all: Problem[] = [];

  add(place: Place, problem: Omit<Problem, 'place'>): undefined {
    this.#all.push({ ...problem, place });
    return undefined;
  }

  /** Places of problems that others found inside a node: the value of this key, or the node itself. */
  throwIfAny(): void {
    if (this.#all.length === 0) return;
    const inOrder = [...this.#all].sort(
      (a, b) =>
        (a.place?.line ?? 0) - (b.place?.line ?? 0) || (a.place?.column ?? 0) - (b.place?.column ?? 0),
    );
    throw new GauntletError('usage', inOrder);
  }

  /** Reports keys that are not allowed, with the nearest allowed one. */
  onlyKeys(node: YamlNode, subject: string, allowed: readonly string[]): void {
    for (const [key, child] of node.entries) {
      if (allowed.includes(key)) continue;
      const problem = { subject, expected: `one of ${allowed.join(', ')}`, got: show(key) };
      this.add(child.place, { ...problem, ...didYouMean(key, allowed) });
    }
  }

  /** The value of a key through a parser of core/units.ts; absent gives the fallback, or a problem without one. */
  read<T>(node: YamlNode, key: string, parse: (value: unknown) => Parsed<T>, fallback?: T): T | undefined {
    const child = node.entries.get(key);
    if (!child) {
      if (fallback !== undefined) return fallback;
      const empty = parse(undefined);
      return this.add(node.place, {
        subject: key,
        expected: empty.ok ? 'a value' : empty.expected,
        got: 'nothing',
      });
    }
    const parsed = parse(child.value);
    if (parsed.ok) return parsed.value;
    const { expected, next } = parsed;
    const problem = { subject: key, expected, got: show(child.value), ...(next !== undefined && { next }) };
    return this.add(child.place, problem);
  }
}

export const parseText = (value: unknown): Parsed<string> =>
  typeof value === 'string' && value.trim() !== ''
    ? { ok: true, value }
    : { ok: false, expected: 'a text that is not empty' };

/** @throws usage error when the file cannot be read or is not YAML (every syntax error with its place). */
export const readYaml = (file: string): YamlNode => parseYaml(file, readText(file));

/** @throws usage error with the reason, and the way out where there is one. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const next = environmentProblem(error)?.next;
    const problem = { subject: file, expected: 'a file that can be read', got: messageOf(error) };
    throw new GauntletError('usage', [{ ...problem, ...(next !== undefined && { next }) }], { cause: error });
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
    comment: (node?.comment ?? null) && String(node?.comment).trim(),
    entries,
    items,
    kind: isMap(node) ? 'map' : isSeq(node) ? 'list' : 'scalar',
  };
}
