/** Where the reports of nights are: copied beside the page, recorded elsewhere, or not kept. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Night } from '../../core/night.ts';
import { plain } from '../../core/plain.ts';
import { redact } from '../../core/secrets.ts';
import type { NightReport } from '../../report/history-page/view.ts';
import { RUN_FILES } from '../evidence/run-directory.ts';

/** Run folders by id of their run. */
export type RunFolders = ReadonlyMap<string, string>;

/**
 * The runs in a folder of run folders, or the one run that the folder is. What is no run is left out: the
 * page then says that its report was not kept.
 */
export function runFoldersIn(folder: string): RunFolders {
  const each = existsSync(folder)
    ? [folder, ...readdirSync(folder, { withFileTypes: true }).map((one) => join(folder, one.name))]
    : [];
  const runs = new Map<string, string>();
  for (const path of each) {
    const id = runIdOf(path);
    if (id !== null) runs.set(id, path);
  }
  return runs;
}

function runIdOf(path: string): string | null {
  try {
    const { id } = JSON.parse(readFileSync(join(path, RUN_FILES.plan), 'utf8')) as { readonly id?: unknown };
    return typeof id === 'string' ? id : null;
  } catch {
    return null;
  }
}

/** In the folder of the page; runs that carry another name than our own have no place there. */
export function copyPlace({ run }: Night): string | null {
  return /^[A-Za-z0-9][\w.-]{0,199}$/.test(run) ? `nights/${run}/${RUN_FILES.html}` : null;
}

/** A night without a copy: what it recorded, as far as a browser may follow it. */
export function recordedReport({ report }: Night): NightReport {
  if (report === null) return { kind: 'not-kept' };
  const address = webAddress(report);
  return address === null
    ? { kind: 'told', text: redact(plain(report)) }
    : { kind: 'linked', href: redact(address) };
}

/** `javascript:` and its like are no addresses; a user and a password in one are left out. */
function webAddress(text: string): string | null {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return null;
  const url = new URL(text);
  url.username = '';
  url.password = '';
  return url.href;
}
