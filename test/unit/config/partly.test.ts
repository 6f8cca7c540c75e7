import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { block, choice } from '../../../src/config/forms.ts';
import { readPartly } from '../../../src/config/partly.ts';
import { parseUserFile } from '../../../src/config/user-file.ts';

const SCHEMA = block({
  name: z.string(),
  sizes: z.array(z.number()),
  one: choice({ a: block({ a: z.number() }), b: block({ b: z.number(), c: z.string() }) }, (value) =>
    typeof value === 'object' && value !== null && 'b' in value ? 'b' : 'a',
  ),
});

describe('what could be read of a file with mistakes', () => {
  it('is all of it without the mistakes, and the mistakes have their places', () => {
    const { value, issues } = readPartly(SCHEMA, {
      name: 1,
      sizes: [1, 'x', 3],
      one: { b: 1, c: 2, d: 3 },
      e: 4,
    });
    expect(value).toEqual({ name: undefined, sizes: [1, undefined, 3], one: { b: 1, c: undefined } });
    expect(issues.map((one) => one.path.join('.')).sort()).toEqual([
      'e',
      'name',
      'one.c',
      'one.d',
      'sizes.1',
    ]);
  });

  it('is nothing of what is no map at all', () => {
    expect(readPartly(SCHEMA, 'text').value).toBeUndefined();
  });

  it('reports the rules of the form that was meant, and of no other', () => {
    const issues = readPartly(SCHEMA, { name: 'n', sizes: [], one: { b: 'x', c: 'y' } }).issues;
    expect(issues.map((one) => one.path)).toEqual([['one', 'b']]);
  });
});

describe('the place of a part of a file', () => {
  const file = parseUserFile('f.yaml', 'a: &x { b: 1 }   # of a\nlist:\n  - *x\n  - two   # of two\nnone:\n');

  it('is that of its value, of the alias where it is one, and of what is around it where it is missing', () => {
    const at = (...path: readonly (string | number)[]) => {
      const { line, column } = file.placeOf(path);
      return `${line}:${column}`;
    };
    expect([at('a'), at('a', 'b'), at('list', 0), at('list', 1), at('a', 'z')]).toEqual([
      ...['1:7', '1:12', '3:5', '4:5', '1:7'],
    ]);
    expect(file.placeOfKey(['a', 'b'])).toEqual({ file: 'f.yaml', line: 1, column: 9 });
    expect(file.commentOf(['list', 1])).toBe('of two');
    expect(file.valueAt(['list', 0])).toEqual({ b: 1 });
    expect(file.valueAt(['none'])).toBeNull();
    expect(file.valueAt(['constructor'])).toBeUndefined();
  });

  it('is given for an alias without its anchor, and for a bomb of them', () => {
    expect(() => parseUserFile('f.yaml', 'a: *nobody')).toThrow(
      /^f\.yaml:1:\d+: YAML: expected valid YAML, got /,
    );
    const bomb = ['a0: &a0 [x, x]'];
    for (let at = 1; at < 12; at += 1) bomb.push(`a${at}: &a${at} [${`*a${at - 1}, `.repeat(9)}x]`);
    expect(() => parseUserFile('f.yaml', bomb.join('\n'))).toThrow(
      /f\.yaml:1:1: YAML: expected valid YAML, got /,
    );
  });
});
