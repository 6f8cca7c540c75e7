/**
 * What the pages promise, held against the repository: a page that is not true any more names what to mend.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FAULTS } from '../../src/chaos/faults/registry.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const filesIn = (folder: string, ends: RegExp): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => ends.test(name) && !name.includes('node_modules'))
    .map((name) => join(folder, name))
    .sort();

const PAGES = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'reports/README.md'],
  ...['docs', 'packages', 'systems'].flatMap((folder) => filesIn(folder, /\.md$/)),
];
const CODE = [
  ...['src', 'packages', 'systems', 'scenarios', 'bench', 'test'].flatMap((one) =>
    filesIn(one, /\.(ts|mjs)$/),
  ),
  ...['scripts'].flatMap((one) => filesIn(one, /\.mjs$/)),
];
const wordsOf = (text: string): number => text.split(/\s+/).filter((word) => word !== '').length;
const blocksOf = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))].map((match) => match[1] ?? '');

describe('the README', () => {
  const text = read('README.md');

  it('has at most 900 words', () => {
    expect(wordsOf(text)).toBeLessThanOrEqual(900);
  });

  it('shows campaigns/demo.yaml as it is, without its comments', () => {
    const bare = read('campaigns/demo.yaml')
      .split('\n')
      .map((line) => line.replace(/\s*(^|\s)#.*$/, '').trimEnd())
      .filter((line) => line !== '')
      .join('\n');
    expect(blocksOf(text, 'yaml')).toEqual([`${bare}\n`]);
  });

  it('names every fault', () => {
    for (const { name } of FAULTS) expect(text).toContain(`\`${name}\``);
  });
});

describe('the pages', () => {
  it('are all in an index', () => {
    const index = ['docs/README.md', 'docs/decisions/README.md', 'docs/faults/README.md'];
    const linked = new Set(index.flatMap((page) => linksOf(page)));
    const pages = PAGES.filter(
      (page) => page.startsWith('docs/') && !page.startsWith('docs/decisions/evidence/'),
    );
    expect(pages.filter((page) => page !== 'docs/README.md' && !linked.has(page))).toEqual([]);
  });

  it('link to files that exist', () => {
    const missing = PAGES.flatMap((page) =>
      linksOf(page)
        .filter((path) => !existsSync(join(root, path)))
        .map((path) => `${page}: ${path}`),
    );
    expect(missing).toEqual([]);
  });

  it('have lines of at most 140 columns, but for tables and quoted text', () => {
    const long = PAGES.flatMap((page) => {
      let isQuoted = false;
      return read(page)
        .split('\n')
        .flatMap((line, index) => {
          if (line.startsWith('```')) isQuoted = !isQuoted;
          const isLong = line.length > 140 && !isQuoted && !/^\||^#|^!\[|^<!--/.test(line);
          return isLong ? [`${page}:${index + 1}`] : [];
        });
    });
    expect(long).toEqual([]);
  });
});

describe('the decisions', () => {
  const decisions = readdirSync(join(root, 'docs/decisions')).filter((name) => /^\d{3}-.*\.md$/.test(name));
  const rows = read('docs/decisions/README.md')
    .split('\n')
    .filter((line) => /^\| \[\d{3}\]/.test(line))
    .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')));

  it('are all in the index, with number, title, status and one line', () => {
    const titles = decisions.map((name) => {
      const number = name.slice(0, 3);
      const title = read(`docs/decisions/${name}`).split('\n')[0]?.slice(`# ${number} `.length);
      return [`[${number}](${name})`, title];
    });
    expect(rows.map(([link, title]) => [link, title])).toEqual(titles);
    for (const [link, , status, line] of rows) {
      expect(status, link).toMatch(/^(accepted|replaced by \d{3})$/);
      expect(line, link).toMatch(/\S/);
    }
  });

  it.each(decisions)('%s has at most 200 words; more is evidence', (name) => {
    expect(wordsOf(read(`docs/decisions/${name}`))).toBeLessThanOrEqual(200);
  });
});

describe('references to files', () => {
  const FILE =
    /(?<![\w./~<…*-])((?:src|packages|systems|scenarios|campaigns|targets|reports|test|bench|docs|scripts|deploy)\/[\w./-]*\w\.(?:ts|mjs|md|yaml|json|proto|go|svg|png))\b/g;

  it('name files of this repository, in pages and in comments', () => {
    const texts = [
      ...PAGES.map((page) => [page, read(page)] as const),
      ...CODE.map((file) => [file, commentsOf(read(file))] as const),
    ];
    const dangling = texts.flatMap(([from, text]) =>
      [...text.matchAll(FILE)]
        .map((match) => match[1] ?? '')
        .filter((path) => ![root, dirname(join(root, from))].some((base) => existsSync(join(base, path))))
        .filter((path) => !isExample(from, path))
        .map((path) => `${from}: ${path}`),
    );
    expect(dangling).toEqual([]);
  });

  it('never leave the repository', () => {
    const outside = /shared facts|system contract|system-under-test|anchors\/\w+\.md|\bcontract §/;
    const texts = [...PAGES, ...CODE].filter((file) => file !== 'test/unit/docs.test.ts');
    expect(texts.filter((file) => outside.test(read(file)))).toEqual([]);
  });
});

describe('quoted text', () => {
  it('of docs/troubleshooting.md is what the program says', () => {
    const source = filesIn('src', /\.ts$/).map(read).join('\n');
    const cells = read('docs/troubleshooting.md')
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) => line.split(' | ')[0] ?? '');
    const pieces = cells
      .flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ''))
      .flatMap((quote) => quote.split('…').map((piece) => piece.replace(/^[\s()]+|[\s()]+$/g, '')))
      .filter((piece) => /[a-z]{3}/.test(piece));
    expect(pieces.length).toBeGreaterThan(20);
    expect(pieces.filter((piece) => !source.includes(piece))).toEqual([]);
  });

  it('of docs/adding-a-fault.md is the file that it names', () => {
    const page = read('docs/adding-a-fault.md');
    const path = /<!-- from (\S+) -->/.exec(page)?.[1] ?? '';
    const file = read(path);
    expect(blocksOf(page, 'ts')).toEqual([file.slice(file.indexOf('export const'))]);
  });
});

/** Relative links, as paths of the repository. */
function linksOf(page: string): string[] {
  return [...read(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => (match[1] ?? '').replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
    .map((target) => relative(root, resolve(root, dirname(page), target)));
}

const commentsOf = (text: string): string =>
  text
    .split('\n')
    .filter((line) => /^\s*(\/\/|\/?\*)/.test(line))
    .join('\n');

/** Made-up names, those of a user's own shop, and files of the system under test, which docs/systems lists as such. */
const isExample = (from: string, path: string): boolean =>
  path === 'scenarios/x.ts' ||
  (from === 'docs/add-a-system.md' && /\b(shop|carts)\b/.test(path)) ||
  (from.startsWith('docs/systems/') && /^docs\/[\w/-]+\.md$/.test(path));
