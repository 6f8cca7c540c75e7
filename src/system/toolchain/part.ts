/**
 * The contract of a *way* to get an external program, and the loop over several of them. A way either finds
 * its part or returns why it did not; no way is skipped silently.
 */
import { formatProblem, type Problem } from '../../core/errors.ts';
import type { Tried } from '../../core/tools.ts';
import type { Places } from '../places.ts';

/** The toolchain's environment: `env` is the caller's environment, `progress` gets one line at a time. */
export interface ToolContext {
  readonly places: Places;
  readonly env: Readonly<Record<string, string | undefined>>;
  progress(text: string): void;
}

/** A part that was found, with the details that the program running it needs. */
export interface Hit<Tool> {
  readonly kind: 'found';
  readonly version: string;
  readonly path: string;
  readonly tool: Tool;
  /** Printed after the origin, when the reader should know something about it. */
  readonly note?: string;
}

export type Lookup<Tool> =
  | Hit<Tool>
  | { readonly kind: 'no'; readonly why: string }
  /** The user named the part and is wrong: an error, and no other source is tried. */
  | { readonly kind: 'wrong'; readonly problem: Problem };

export interface ToolSource<Tool> {
  readonly name: string;
  look(): Promise<Lookup<Tool>>;
}

export interface Outcome<Tool> {
  readonly hit: (Hit<Tool> & { readonly origin: string }) | null;
  readonly tried: readonly Tried[];
  readonly wrong: Problem | null;
}

export const no = (why: string): { readonly kind: 'no'; readonly why: string } => ({ kind: 'no', why });

/** Tries the sources in order until one finds the part or shows that the user's own setting is wrong. */
export async function walk<Tool>(
  sources: readonly ToolSource<Tool>[],
  before: readonly Tried[] = [],
): Promise<Outcome<Tool>> {
  const tried: Tried[] = [...before];
  for (const source of sources) {
    const look = await source.look();
    if (look.kind === 'found') return { hit: { ...look, origin: source.name }, tried, wrong: null };
    if (look.kind === 'wrong') {
      tried.push({ way: source.name, why: formatProblem(look.problem) });
      return { hit: null, tried, wrong: look.problem };
    }
    tried.push({ way: source.name, why: look.why });
  }
  return { hit: null, tried, wrong: null };
}
