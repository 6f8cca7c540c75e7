/** `${cache.address}`, `${cache.host}` and `${cache.port}` in the environment of a program. */
import { didYouMean } from '../did-you-mean.ts';
import type { Problem } from '../errors.ts';
import type { Service } from '../system.ts';

const PARTS = ['host', 'port', 'address'] as const;
const WORD = /\$\{([^}]*)\}/g;

const knownWords = (services: readonly Service[]): readonly string[] =>
  services.flatMap(({ name }) => PARTS.map((part) => `${name}.${part}`));

/** @param known the service itself and those that it dials. */
export function wordProblems(
  service: Service,
  known: readonly Service[],
  subject: string,
): readonly Problem[] {
  if (service.sandbox?.kind !== 'run') return [];
  const words = knownWords(known);
  return Object.entries(service.sandbox.env).flatMap(([name, text]) =>
    [...text.matchAll(WORD)]
      .map(([, word = '']) => word)
      .filter((word) => !words.includes(word))
      .map((word) => ({
        subject: `${subject}.${name}`,
        expected: `one of ${words.join(', ')}`,
        got: `\${${word}}`,
        ...didYouMean(word, words),
      })),
  );
}
