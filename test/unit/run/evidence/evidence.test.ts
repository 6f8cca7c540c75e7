import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Verdict } from '../../../../src/core/verdict.ts';
import { assembleRun } from '../../../../src/run/verdict/assemble.ts';
import { htmlOf, reportInputOf } from '../../../../src/run/verdict/write-reports.ts';
import { writeSmallRun } from './small-run.ts';

let folder: string;
let sealed: string;
let old: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gauntlet-evidence-'));
  [sealed, old] = [join(folder, 'sealed'), join(folder, 'old')];
  writeSmallRun(sealed, true);
  writeSmallRun(old, false);
});
afterAll(() => rmSync(folder, { recursive: true }));

let copies = 0;
/** The verdict of a copy of a run directory that something was done to. */
function after(runDir: string, harm: (copy: string) => void): Verdict {
  copies += 1;
  const copy = join(folder, `copy-${copies}`);
  cpSync(runDir, copy, { recursive: true });
  harm(copy);
  const { verdict } = assembleRun(copy).result;
  rmSync(copy, { recursive: true });
  return verdict;
}
const texts = (verdict: Verdict): string[] => verdict.reasons.map((one) => `${one.status} ${one.text}`);

const FILES = [
  ...['plan.json', 'events.ndjson', 'journal.ndjson', 'probes.ndjson', 'evidence.json'],
  ...['latency.hlog', 'counts.ndjson', 'slices.ndjson', 'k6/load-end.json'],
];
const edit = (path: string, change: (lines: string[]) => void): void => {
  const lines = readFileSync(path, 'utf8').split('\n');
  change(lines);
  writeFileSync(path, lines.join('\n'));
};

/** What can happen to a line, as a function of a number that is drawn. */
const HARMS: Readonly<Record<string, (lines: string[], at: number, draw: number) => void>> = {
  removed: (lines, at) => void lines.splice(at, 1),
  repeated: (lines, at) => void lines.splice(at, 0, lines[at] ?? ''),
  cut: (lines, at, draw) => {
    lines[at] = (lines[at] ?? '').slice(0, draw % Math.max(1, (lines[at] ?? '').length));
  },
  swapped: (lines, at, draw) => {
    const other = draw % (lines.length - 1);
    [lines[at], lines[other]] = [lines[other] ?? '', lines[at] ?? ''];
  },
  digit: (lines, at, draw) => {
    const digits = [...(lines[at] ?? '').matchAll(/\d/g)];
    const place = digits[draw % Math.max(1, digits.length)]?.index;
    if (place === undefined) return;
    const line = lines[at] ?? '';
    lines[at] =
      `${line.slice(0, place)}${(Number(line[place]) + 1 + (draw % 9)) % 10}${line.slice(place + 1)}`;
  },
};

describe('the evidence of a run', () => {
  it('is judged when nothing was done to it, with digests and without', () => {
    for (const runDir of [sealed, old]) {
      expect(texts(after(runDir, () => undefined))).toEqual([
        'PASS shop.orders rate >= 4/s in baseline: 5.0/s',
      ]);
    }
  });

  it('is INVALID by the name of the file, whatever line of whatever file is removed, repeated, cut, swapped or altered', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...FILES),
        fc.constantFrom(...Object.keys(HARMS)),
        fc.nat(),
        fc.nat(),
        (file, harm, place, draw) => {
          let changed = false;
          const verdict = after(sealed, (copy) => {
            const before = readFileSync(join(copy, file), 'utf8');
            edit(join(copy, file), (lines) => HARMS[harm]?.(lines, place % (lines.length - 1), draw));
            changed = readFileSync(join(copy, file), 'utf8') !== before;
          });
          // A swap of equal lines, and a line without a digit, are the same file.
          if (!changed) return;
          expect(verdict.status).toBe('INVALID');
          expect(texts(verdict).join('\n')).toContain(file);
          // One sentence a file, and how the run ended: no wall of consequences.
          expect(verdict.reasons.length).toBeLessThanOrEqual(FILES.length + 1);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('is INVALID, and judged at once, where a time of a fault was moved by centuries', () => {
    const text = readFileSync(join(sealed, 'events.ndjson'), 'utf8');
    const times = [...text.matchAll(/"(?:planned|applied|injected|removed)At":(\d{13})/g)];
    expect(times.length).toBeGreaterThan(3);
    for (const { index, 0: whole, 1: time = '' } of times)
      for (const first of ['0', '9']) {
        const at = index + whole.length - time.length;
        const verdict = after(sealed, (copy) =>
          writeFileSync(join(copy, 'events.ndjson'), `${text.slice(0, at)}${first}${text.slice(at + 1)}`),
        );
        expect(texts(verdict).join('\n')).toContain('INVALID evidence: events.ndjson');
      }
  });

  it('is INVALID without digests too, whatever line is removed from the files that count arrivals, or from the journal', () => {
    for (const file of ['latency.hlog', 'counts.ndjson', 'slices.ndjson', 'journal.ndjson']) {
      const text = readFileSync(join(old, file), 'utf8').split('\n').slice(0, -1);
      // Comments of the log hold no number but its base; how often a connection was set up is counted nowhere else.
      const counting = text.flatMap((line, at) => (/^(?:"|#\[(?!Base))|:connect,/.test(line) ? [] : [at]));
      fc.assert(
        fc.property(fc.constantFrom(...counting), fc.constantFrom('removed', 'repeated'), (at, harm) => {
          if (text[at]?.startsWith('#[Base') && harm === 'repeated') return;
          const verdict = after(old, (copy) =>
            edit(join(copy, file), (lines) => HARMS[harm]?.(lines, at, 0)),
          );
          expect(verdict.status, `${harm} ${text[at]}`).toBe('INVALID');
        }),
        { numRuns: 10 },
      );
    }
  });

  it('is INVALID when a file is away, empty, a folder, not UTF-8 or cut anywhere', () => {
    const harms: Readonly<Record<string, (path: string) => void>> = {
      away: (path) => rmSync(path),
      empty: (path) => truncateSync(path),
      folder: (path) => {
        rmSync(path);
        mkdirSync(path);
      },
      bytes: (path) => appendFileSync(path, Buffer.from([0x22, 0xff, 0xfe, 0x0a])),
      half: (path) => truncateSync(path, Math.floor(readFileSync(path).length / 2)),
      almost: (path) => truncateSync(path, readFileSync(path).length - 2),
    };
    for (const [name, harm] of Object.entries(harms)) {
      // What the digests see in any case is asked of the directory that has none.
      const runDir = ['away', 'empty', 'folder'].includes(name) ? old : sealed;
      for (const file of FILES.filter((one) => existsSync(join(runDir, one)))) {
        const verdict = after(runDir, (copy) => harm(join(copy, file)));
        expect(verdict.status, `${file} ${name}`).toBe('INVALID');
        expect(texts(verdict).join('\n'), `${file} ${name}`).toContain(file);
      }
    }
  });

  it('says one thing of a file, with its line', () => {
    const line = (file: string, number: number, text: string) => (copy: string) =>
      edit(join(copy, file), (lines) => void lines.splice(number - 1, 1, text));
    expect(texts(after(sealed, line('events.ndjson', 5, '{"kind":"phase"')))).toEqual([
      'INVALID evidence: events.ndjson:5 is not JSON',
    ]);
    expect(texts(after(sealed, (copy) => rmSync(join(copy, 'probes.ndjson'))))).toEqual([
      'INVALID evidence: probes.ndjson is missing',
    ]);
    expect(
      texts(after(sealed, (copy) => edit(join(copy, 'counts.ndjson'), (lines) => void lines.splice(7, 1)))),
    ).toEqual([
      'INVALID evidence: counts.ndjson:8 is not what the run wrote (it has 47 lines; the run wrote 48 lines)',
    ]);
    expect(
      texts(after(old, (copy) => edit(join(copy, 'counts.ndjson'), (lines) => void lines.splice(7, 1)))),
    ).toEqual([
      'INVALID evidence: counts.ndjson shop.search, second 1800000003: arrivals 0, in latency.hlog and slices.ndjson 5',
    ]);
  });

  it('with anything but text in the place of a name is INVALID and never markup on a page', () => {
    copies += 1;
    const copy = join(folder, `copy-${copies}`);
    cpSync(old, copy, { recursive: true });
    edit(
      join(copy, 'plan.json'),
      (lines) => void lines.splice(3, 1, '  "campaign": { "markup": "<img onerror=alert(1)>" },'),
    );
    const assembled = assembleRun(copy);
    expect(texts(assembled.result.verdict)).toEqual([
      'INVALID evidence: plan.json:4 campaign: expected string, received object',
    ]);
    expect(htmlOf(reportInputOf(assembled))).not.toContain('<img onerror');
  });

  it('of a run that was killed is INVALID as interrupted, and a last line in part is told', () => {
    const verdict = after(old, (copy) => {
      edit(join(copy, 'events.ndjson'), (lines) => void lines.splice(12));
      appendFileSync(join(copy, 'events.ndjson'), '\n{"kind":"har');
      rmSync(join(copy, 'k6/load-end.json'));
      appendFileSync(join(copy, 'counts.ndjson'), '{"flow":"shop.or');
    });
    expect(verdict.status).toBe('INVALID');
    expect(texts(verdict)).toContain('INVALID interrupted: the run ended without its last event');
    expect(texts(verdict)).toContain('INVALID counts.ndjson:49 is cut off, its second is incomplete');
    expect(texts(verdict)).toContain('INVALID events.ndjson:13 is cut off');
  });

  it('may grow in its journal by what recovery closes later, and by nothing else', () => {
    const open = join(folder, 'residue');
    writeSmallRun(open, false);
    const path = join(open, 'journal.ndjson');
    edit(path, (lines) => void lines.splice(2, 1));
    edit(join(open, 'events.ndjson'), (lines) => {
      const removed = lines.findIndex((line) => line.includes('fault-removed'));
      lines[removed] = (lines[removed] ?? '')
        .replace('"fault-removed"', '"fault-residue"')
        .replace('"boundMs":100,', '');
      lines[removed + 1] = (lines[removed + 1] ?? '')
        .replace('"status":"injected"', '"status":"residue"')
        .replace(/"removedAt":\d+/, '"removedAt":null');
    });
    expect(after(open, () => undefined).status).toBe('RESIDUE');
    const closed =
      '{"kind":"closed","id":"u1","outcome":"undone","holder":"recover","evidence":"gone","at":1}\n';
    const recovered = after(open, (copy) => appendFileSync(join(copy, 'journal.ndjson'), closed));
    expect(texts(recovered).filter((text) => text.includes('evidence:'))).toEqual([]);
    const twice = after(open, (copy) => appendFileSync(join(copy, 'journal.ndjson'), closed + closed));
    expect(texts(twice)).toContain('INVALID evidence: journal.ndjson:4 pause is closed twice');
  });

  it('is refused as a foreign folder when there is no file of a run in it', () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    expect(() => assembleRun(empty)).toThrow(
      'expected a run directory, got a folder without plan.json and events.ndjson',
    );
    expect(() => assembleRun(join(folder, 'nowhere'))).toThrow('expected a run directory, got nothing');
  });
});
