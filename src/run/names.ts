/** Finds campaigns and targets by path or by name, and says what there is when it finds nothing. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { didYouMean } from '../core/did-you-mean.ts';
import { GauntletError } from '../core/errors.ts';
import { projectRoot } from '../system/project.ts';
import { parseTargetFile, type TargetFile } from '../targets/target-file.ts';

/** `demo`, `campaigns/demo.yaml` or any path → the file. */
export function findNamed(kind: 'campaign' | 'target', given: string): string {
  const folder = `${kind}s`;
  const candidates = [resolve(given), join(projectRoot, given), join(projectRoot, folder, `${given}.yaml`)];
  const found = candidates.find((path) => path.endsWith('.yaml') && existsSync(path));
  if (found) return found;
  const names = namesIn(join(projectRoot, folder));
  throw new GauntletError('usage', [
    {
      subject: kind,
      expected: `a file, or one of ${names.join(', ')}`,
      got: JSON.stringify(given),
      ...didYouMean(basename(given, '.yaml'), names),
    },
  ]);
}

/** A target by name or path, read and checked. @throws usage with every problem. */
export function namedTarget(given: string): TargetFile {
  const file = findNamed('target', given);
  return parseTargetFile(file, readFileSync(file, 'utf8'));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => basename(name, '.yaml'))
      .sort();
  } catch {
    return [];
  }
}

/** `2026-11-21T05-07-11-demo-k3f9`: sorts by time, says what it was, is new each time. */
export function newRunId(campaign: string, now: Date, seed: number): string {
  const stamp = now.toISOString().slice(0, 19).replaceAll(':', '-');
  return `${stamp}-${campaign}-${(seed >>> 0).toString(36).slice(-4).padStart(4, '0')}`;
}
