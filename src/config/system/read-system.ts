/** A system file, read and expanded: `each` is gone. All problems are reported at once. */
import { dirname, resolve } from 'node:path';
import type { Service, System } from '../../core/system.ts';
import { isMap } from '../forms.ts';
import type { Partly } from '../partly.ts';
import { Problems } from '../problems.ts';
import { parseUserFile } from '../user-file.ts';
import { combinations, fill, fillText, unfilled } from './each.ts';
import { systemSchema, type WrittenSystem } from './schema.ts';
import { serviceOf, type WrittenService } from './service.ts';

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** @param file the path as the user typed it. @throws usage error with every problem of the text at once. */
export function parseSystem(file: string, text: string): System {
  const problems = new Problems(parseUserFile(file, text), { name: 'system' });
  const read = problems.check(systemSchema) ?? {};
  const folder = resolve(dirname(file));
  const services = servicesOf(read, folder, problems);
  problems.throwIfAny();
  // Everything was parsed; otherwise the problems were thrown.
  const { name, summary } = read as WrittenSystem;
  return { name, folder, summary, services };
}

function servicesOf(read: Partly<WrittenSystem>, folder: string, problems: Problems): readonly Service[] {
  const seen = new Set<string>();
  return Object.entries(read.services ?? {}).flatMap(([key, partly]) => {
    if (partly === undefined || hasHole(partly)) return [];
    const written = partly as WrittenService;
    const path = ['services', key];
    const left = unfilled(fillText(key, combinations(written.each ?? {})[0] ?? {}));
    if (left !== undefined) return problems.add(path, `${left} among its each`, { keys: [], got: key }) ?? [];
    return combinations(written.each ?? {}).flatMap((words) => {
      const name = fillText(key, words);
      if (!NAME.test(name))
        return problems.add(path, 'lower-case letters, digits and dashes', { keys: [], got: name }) ?? [];
      if (seen.has(name))
        return problems.add(path, 'each name once', { keys: [], got: `${name} twice` }) ?? [];
      seen.add(name);
      const one = serviceOf(name, fill(written, words) as WrittenService, folder);
      if (one.endpoints.length > 0) return [one];
      const expected = 'at least one of http, grpc, kafka, redis, postgres, tcp';
      return problems.add(path, expected, { got: 'none' }) ?? [];
    });
  });
}

/** A part that was wrong is undefined where the file has something. */
const hasHole = (value: unknown): boolean =>
  isMap(value) && Object.values(value).some((one) => one === undefined || hasHole(one));
