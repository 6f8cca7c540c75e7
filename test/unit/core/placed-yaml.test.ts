import { describe, expect, it } from 'vitest';
import { parsePlacedYaml, type YamlNode } from '../../../src/core/placed-yaml.ts';

const at = ({ place: { file, line, column } }: Pick<YamlNode, 'place'>): string =>
  `${file}:${line}:${column}`;
const child = (node: YamlNode, key: string): YamlNode => {
  const found = node.entries.get(key);
  if (found === undefined) throw new Error(`no ${key}`);
  return found;
};

describe('YAML with places', () => {
  it('gives each value and each key its line and column, in the order they were written', () => {
    const root = parsePlacedYaml('f', 'b: 1\na:\n  - x # why\n  - {c: [2, 3]}\n');
    expect([...root.entries.keys()]).toEqual(['b', 'a']);
    expect([root.kind, at(root), root.value]).toEqual(['map', 'f:1:1', { b: 1, a: ['x', { c: [2, 3] }] }]);
    const list = child(root, 'a');
    expect([list.kind, at(list), at({ place: list.keyPlace })]).toEqual(['list', 'f:3:3', 'f:2:1']);
    expect(list.items.map(at)).toEqual(['f:3:5', 'f:4:5']);
    expect(list.items.map((one) => one.comment)).toEqual(['why', null]);
    const [, map] = list.items;
    expect(map && at(child(map, 'c'))).toBe('f:4:9');
  });

  it('puts a value that is not written behind its key, and an empty file at its start', () => {
    const root = parsePlacedYaml('f', 'a:\n  b:\n');
    const b = child(child(root, 'a'), 'b');
    expect([at(b), at({ place: b.keyPlace })]).toEqual(['f:2:5', 'f:2:3']);
    expect(parsePlacedYaml('f', '')).toMatchObject({ kind: 'scalar', value: null });
    expect(at(parsePlacedYaml('f', ''))).toBe('f:1:1');
  });

  it('follows an alias to what it stands for, and says where the alias is', () => {
    const root = parsePlacedYaml('f', 'a: &x {k: 1}\nb: *x\n');
    const alias = child(root, 'b');
    expect([at(alias), alias.kind, alias.value]).toEqual(['f:2:4', 'map', { k: 1 }]);
    expect(at(child(alias, 'k'))).toBe('f:1:11');
  });

  it('refuses an alias without an anchor, and more aliases than a file can mean', () => {
    expect(() => parsePlacedYaml('f', 'a: *nobody\n')).toThrow(/^f:1:\d+: YAML: expected valid YAML, got /);
    const levels = Array.from({ length: 12 }, (_, n) => {
      const what = n === 0 ? 'x' : Array.from({ length: 9 }, () => `*a${n - 1}`).join(', ');
      return `a${n}: &a${n} [${what}]`;
    });
    expect(() => parsePlacedYaml('f', levels.join('\n'))).toThrow(
      /^f:1:1: YAML: expected valid YAML, got Excessive alias count/,
    );
  });

  it('reports every problem of the syntax, each with its place', () => {
    expect(() => parsePlacedYaml('f', 'a: 1\na: 2\nb: [\n')).toThrow(
      /^f:2:1: YAML: expected valid YAML, got Map keys must be unique\.\nf:4:1: YAML: /,
    );
  });
});
