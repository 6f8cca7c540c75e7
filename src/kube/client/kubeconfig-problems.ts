/** The problems of a kubeconfig, collected: each has file, line and column. */
import { didYouMean } from '../../core/did-you-mean.ts';
import { type Place, type Problem, show, throwInFileOrder } from '../../core/errors.ts';
import type { YamlNode } from '../../core/placed-yaml.ts';

/** Collects problems; reading continues after each, with undefined for unreadable parts. */
export class KubeconfigProblems {
  readonly #all: Problem[] = [];

  add(place: Place, problem: Omit<Problem, 'place'>): undefined {
    this.#all.push({ ...problem, place });
    return undefined;
  }

  /** @throws usage error with every problem, in the order of the file. */
  throwIfAny(): void {
    throwInFileOrder(this.#all);
  }

  /** Reports keys that are not allowed, with the nearest allowed one. */
  onlyKeys(node: YamlNode, subject: string, allowed: readonly string[]): void {
    for (const [key, child] of node.entries) {
      if (allowed.includes(key)) continue;
      const problem = { subject, expected: `one of ${allowed.join(', ')}`, got: show(key) };
      this.add(child.place, { ...problem, ...didYouMean(key, allowed) });
    }
  }
}
