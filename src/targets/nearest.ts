import { distance } from 'fastest-levenshtein';

/**
 * `Did you mean "gateway"?` for a word that is close to one of the allowed ones: at most two edits, or a third of its
 * length when that is more. Undefined when nothing is close: a wild guess is worse than none.
 */
export function didYouMean(word: string, allowed: readonly string[]): string | undefined {
  const limit = Math.max(2, Math.floor(word.length / 3));
  const ranked = allowed
    .map((candidate) => ({ candidate, edits: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best && best.edits <= limit ? `Did you mean ${JSON.stringify(best.candidate)}?` : undefined;
}
