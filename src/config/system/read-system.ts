/**
 * A system file, read and expanded: `each` and patterns are gone, links and topics are lists. All problems
 * are reported at once.
 */
import { dirname, resolve } from 'node:path';
import { didYouMean } from '../../core/did-you-mean.ts';
import type { Service, System, SystemLink, Topic } from '../../core/system.ts';
import { combinations, fill, fillText, unfilled } from '../each.ts';
import { overriding } from '../find.ts';
import { isMap } from '../forms.ts';
import type { Partly } from '../partly.ts';
import { Problems } from '../problems.ts';
import { parseUserFile } from '../user-file.ts';
import { auditOf } from './audit.ts';
import { consumersOf, topicsOf } from './endpoint.ts';
import { linksOf } from './links.ts';
import { pathsOf, type WrittenPaths } from './paths.ts';
import { systemSchema, type WrittenSystem } from './schema.ts';
import { serviceOf, type WrittenService } from './service.ts';
import { checkIds, topicsIn } from './topic.ts';

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const OTHERS = '*';

/** @param file the path as the user typed it. @throws usage error with every problem of the text at once. */
export function parseSystem(file: string, text: string): System {
  const problems = new Problems(parseUserFile(file, text), { name: 'system' });
  const read = problems.check(systemSchema) ?? {};
  const folder = resolve(dirname(file));
  const services = servicesOf(read, folder, problems);
  const names = services.map((one) => one.name);
  const links = allLinks(read.links, names, problems);
  const topics = topicsOfAll(read);
  for (const [name, one] of Object.entries(read.services ?? {}))
    if (one?.kafka !== undefined) checkIds(topicsOf((one as WrittenService).kafka), name, topics, problems);
  const consumers = consumersOfAll(read);
  const paths = pathsOf(read.paths as WrittenPaths | undefined, topics, problems);
  problems.throwIfAny();
  // Everything was parsed; otherwise the problems were thrown.
  const { name, summary, slos = {}, find, services: written, audit } = read as WrittenSystem;
  const others = written[OTHERS];
  return {
    ...{ name, file: resolve(file), folder, summary, services, links, topics, consumers, paths, slos },
    others: others === undefined ? null : overriding(find ?? {}, others.find ?? {}),
    audit: audit === undefined ? null : auditOf(audit, problems, (path) => resolve(folder, path)),
  } as System;
}

function servicesOf(read: Partly<WrittenSystem>, folder: string, problems: Problems): readonly Service[] {
  const around = { find: read.find as WrittenSystem['find'], folder };
  const seen = new Set<string>();
  return Object.entries(read.services ?? {}).flatMap(([key, partly]) => {
    if (key === OTHERS) return [];
    if (partly === undefined || hasHole(partly)) return [];
    const written = partly as WrittenService;
    const left = unfilled(fillText(key, combinations(written.each ?? {})[0] ?? {}));
    if (left !== undefined)
      return problems.add(['services', key], `${left} among its each`, { keys: [], got: key }) ?? [];
    return combinations(written.each ?? {}).flatMap((words) => {
      const name = fillText(key, words);
      const path = ['services', key];
      if (!NAME.test(name))
        return problems.add(path, 'lower-case letters, digits and dashes', { keys: [], got: name }) ?? [];
      if (seen.has(name))
        return problems.add(path, 'each name once', { keys: [], got: `${name} twice` }) ?? [];
      seen.add(name);
      const service = serviceOf(name, fill(written, words) as WrittenService, words, around);
      checkFilled(service, key, problems);
      return [service];
    });
  });
}

/** A selector with a word in braces that nothing fills would match no pod. */
function checkFilled({ name, find, words }: Service, key: string, problems: Problems): void {
  const selector = find.kubernetes?.selector ?? '';
  const left = unfilled(selector);
  if (left === undefined) return;
  const known = ['service', ...Object.keys(words)].map((one) => `{${one}}`);
  const own = ['services', key, 'find', 'kubernetes', 'selector'];
  const path = problems.file.valueAt(own) === undefined ? ['find', 'kubernetes', 'selector'] : own;
  const near = didYouMean(left, known);
  problems.add(path, `only ${known.join(', ')} in braces for ${name}`, { got: left, ...near });
}

/** A part that was wrong is undefined where the file has something. */
const hasHole = (value: unknown): boolean =>
  isMap(value) && Object.entries(value).some(([, one]) => isMap(one) && hasHole(one));

function allLinks(
  lines: Partly<WrittenSystem>['links'],
  names: readonly string[],
  problems: Problems,
): readonly SystemLink[] {
  const found = new Map<string, SystemLink>();
  for (const [index, line] of (lines ?? []).entries()) {
    if (line === undefined) continue;
    const read = linksOf(line, names);
    if (read.ok) for (const link of read.links) found.set(`${link.from}->${link.to}`, link);
    else {
      const { ok: _, expected, ...said } = read;
      problems.add(['links', index], expected, said);
    }
  }
  return [...found.values()];
}

const topicsOfAll = (read: Partly<WrittenSystem>): readonly Topic[] =>
  Object.entries(read.services ?? {}).flatMap(([name, one]) =>
    one?.kafka === undefined ? [] : topicsIn(topicsOf((one as WrittenService).kafka), name),
  );

const consumersOfAll = (read: Partly<WrittenSystem>): System['consumers'] =>
  Object.fromEntries(
    Object.entries(read.services ?? {}).flatMap(([name, one]) => {
      const groups = one?.kafka === undefined ? [] : consumersOf((one as WrittenService).kafka);
      return groups.length === 0 ? [] : [[name, groups] as const];
    }),
  );
