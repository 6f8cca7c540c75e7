/** What the pages tell a reader to type: commands, options, scripts, test projects and folders must exist. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { buildProgram } from '../../src/cli/program.ts';
import config from '../../vitest.config.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const filesIn = (folder: string, ends: RegExp): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => ends.test(name) && !name.includes('node_modules'))
    .map((name) => join(folder, name));

const PAGES = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'reports/README.md'],
  ...['docs', 'packages', 'systems'].flatMap((folder) => filesIn(folder, /\.md$/)),
];

/** Code in backticks as one line each, and the lines of quoted blocks, without what a comment says. */
function codeOf(text: string): string[] {
  const blocks = [...text.matchAll(/^ {0,3}```[^\n]*\n([\s\S]*?)^ {0,3}```/gm)].map(
    (match) => match[1] ?? '',
  );
  const indented = text.split('\n').filter((line) => line.startsWith('    '));
  const spans = [...text.replaceAll(/```[\s\S]*?```/g, '').matchAll(/`([^`]+)`/g)];
  return [
    ...blocks.flatMap((block) => block.split('\n')),
    ...indented,
    ...spans.map((match) => (match[1] ?? '').replaceAll(/\s+/g, ' ')),
  ].map((line) => line.replace(/\s#.*$/, '').replace(/ {2,}[a-z].*$/, ''));
}

const CODE = PAGES.flatMap((page) => codeOf(read(page)).map((code) => [page, code] as const));
const program = buildProgram('0.0.0', { exitCode: 0 });
const longOptions = (command: Command): string[] => command.options.map((one) => one.long ?? '');

/** Each `gauntlet …` with the command that it calls; undefined: there is none of that name. */
const CALLS = CODE.flatMap(([page, code]) =>
  [...code.matchAll(/(?:^|[ ("$])gauntlet ([a-z]+)([^|&()]*)/g)].map((match) => {
    const [, name = '', rest = ''] = match;
    const command = program.commands.find((one) => one.name() === name);
    const below = command?.commands.find((one) => new RegExp(`^ ${one.name()}\\b`).test(rest));
    return { page, name, rest, command: below ?? command };
  }),
);

describe('commands in pages', () => {
  it('exist', () => {
    expect(CALLS.length).toBeGreaterThan(60);
    const unknown = CALLS.filter((one) => one.command === undefined);
    expect(unknown.map(({ page, name }) => `${page}: gauntlet ${name}`)).toEqual([]);
  });

  it('are called with options that they have', () => {
    const wrong = CALLS.flatMap(({ page, name, rest, command }) => {
      const known = command === undefined ? [] : ['--help', ...longOptions(command)];
      const used = [...rest.matchAll(/(?<=[ [])--[a-z-]+/g)].map(([option]) => option);
      return used.filter((one) => !known.includes(one)).map((one) => `${page}: gauntlet ${name} ${one}`);
    });
    expect(wrong).toEqual([]);
  });

  it('of npm are scripts of the package, or of the workspace that they name', () => {
    const scriptsOf = (folder: string): string[] =>
      Object.keys((JSON.parse(read(join(folder, 'package.json'))) as { scripts: object }).scripts);
    const calls = CODE.flatMap(([page, code]) =>
      [...code.matchAll(/\bnpm (?:run (?:--silent )?)?(test|start|[a-z]+(?::[a-z]+)?)( .*)?$/g)]
        .filter(([call, name]) => call.startsWith('npm run ') || name === 'test' || name === 'start')
        .map(([, name = '', rest = '']) => ({ page, name, rest })),
    );
    expect(calls.length).toBeGreaterThan(20);
    const missing = calls.filter(({ name, rest }) => {
      const folder = /-w (\S+)/.exec(rest)?.[1] ?? '.';
      return !scriptsOf(folder).includes(name);
    });
    expect(missing.map(({ page, name }) => `${page}: npm run ${name}`)).toEqual([]);
    const benches = read('bench/main.ts');
    const unknown = calls.filter(({ name, rest }) => {
      const bench = name === 'bench' ? /^ -- ([a-z-]+)/.exec(rest)?.[1] : undefined;
      return bench !== undefined && !new RegExp(`\\b${bench}\\b`).test(benches);
    });
    expect(unknown).toEqual([]);
  });

  it('of vitest name a project, and files that it has', () => {
    const projects = (config.test?.projects ?? []).map(
      (one) => (one as { test: { name: string } }).test.name,
    );
    const tests = filesIn('test', /\.test\.ts$/);
    const wrong = CODE.flatMap(([page, code]) => {
      const [, project, rest = ''] = /--project ([a-z0-9]+)(.*)$/.exec(code) ?? [];
      if (project === undefined) return [];
      const filters = rest.split(' ').filter((word) => /^[a-z][\w./-]*$/.test(word));
      const unmatched = filters.filter((word) => !tests.some((file) => file.includes(word)));
      return [...(projects.includes(project) ? [] : [project]), ...unmatched].map((one) => `${page}: ${one}`);
    });
    expect(wrong).toEqual([]);
  });
});

describe('folders in pages', () => {
  it('exist', () => {
    const FOLDER = /^((?:src|packages|systems|scenarios|campaigns|targets|test|bench|docs|deploy)\/[\w/-]*)$/;
    const missing = CODE.flatMap(([page, code]) => {
      const path = FOLDER.exec(code)?.[1];
      const bases = [root, join(root, dirname(page))];
      const isThere = bases.some((base) =>
        ['', '.ts'].some((end) => existsSync(join(base, `${path}${end}`))),
      );
      return path === undefined || isThere ? [] : [`${page}: ${path}`];
    });
    expect(missing).toEqual([]);
  });
});
