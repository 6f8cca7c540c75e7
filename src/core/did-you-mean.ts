/** The name that was probably meant, for errors that list the known names. */
import { closest, distance } from 'fastest-levenshtein';

/**
 * `{ next: 'Did you mean x?' }` when a known name is near: at most two letters differ, or a third of a long
 * name. Ignores case.
 */
export function didYouMean(got: string, known: readonly string[]): { readonly next?: string } {
  if (known.length === 0) return {};
  // Case alone never makes another name: `sigkill` means SIGKILL.
  const written = got.toLowerCase();
  const lower = known.map((one) => one.toLowerCase());
  const nearest = closest(written, lower);
  const near = distance(written, nearest) <= Math.max(2, Math.floor(nearest.length / 3));
  return near ? { next: `Did you mean ${known[lower.indexOf(nearest)]}?` } : {};
}
