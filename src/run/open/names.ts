/**
 * Finds campaigns, targets and scenarios by path or by name, in the working directory first and then among
 * those that come with Gauntlet, and lists the available ones when it finds none.
 */
import { readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parseTarget, type TargetFile } from '../../config/read-target.ts';
import { didYouMean } from '../../core/did-you-mean.ts';
import { GauntletError, type Place } from '../../core/errors.ts';
import { projectRoot } from '../../system/project.ts';
import { readText } from '../../system/read-text.ts';
import { findSystem } from '../files/systems.ts';
import { namedFile } from './named-file.ts';

/** The roots for names: the user's own folder, then the files that come with Gauntlet. */
const roots = (): readonly string[] => [resolve(), projectRoot];

/** Those that can be named without a path. */
export function namesOf(kind: 'campaign' | 'target'): readonly string[] {
  return [...new Set(roots().flatMap((root) => namesIn(join(root, `${kind}s`))))].sort();
}

/**
 * `demo`, `campaigns/demo.yaml` or any path → the file.
 * @throws usage with the reason and the names there are.
 */
export function findNamed(kind: 'campaign' | 'target', given: string, written?: Written): string {
  const beside = written !== undefined && given.includes('/') ? [dirname(written.file)] : [];
  const found = namedFile(given, `${kind}s`, [...beside, ...roots()]);
  if (found.path !== undefined) return found.path;
  const names = namesOf(kind);
  const near = found.obstacle === undefined ? didYouMean(basename(given).replace(YAML, ''), names) : {};
  const got = found.obstacle ?? `${JSON.stringify(given)}, and there is no such file`;
  throw new GauntletError('usage', [
    {
      ...(written?.place && { place: written.place }),
      subject: kind,
      expected: `a file, or one of ${names.join(', ')}`,
      got,
      ...near,
    },
  ]);
}

/** Where a file says it: a path is relative to that file's folder first. */
export interface Written {
  readonly file: string;
  readonly place?: Place;
}

/** A target by name or path, read and checked. @throws usage with every problem. */
export function namedTarget(given: string, written?: Written): TargetFile {
  const file = findNamed('target', given, written);
  return parseTarget(file, readText(file), findSystem);
}

const YAML = /\.ya?ml$/;

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => YAML.test(name))
      .map((name) => name.replace(YAML, ''));
  } catch {
    return [];
  }
}

/** `2026-11-21T05-07-11-demo-k3f9`: sorts by time, contains the campaign, is unique. */
export function newRunId(campaign: string, now: Date, seed: number): string {
  const stamp = now.toISOString().slice(0, 19).replaceAll(':', '-');
  return `${stamp}-${campaign}-${(seed >>> 0).toString(36).slice(-4).padStart(4, '0')}`;
}
