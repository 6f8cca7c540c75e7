/** A scenario in a campaign: a name, or the path of a script. */
import { didYouMean } from '../../core/did-you-mean.ts';
import { reading } from './word.ts';

const PATH = /[/]|\.(ts|js)$/;

/** @param names of those that can be named without a path. */
export const scenarioWord = (names: readonly string[]) =>
  reading<string>(
    (value) => {
      if (typeof value === 'string' && (names.includes(value) || PATH.test(value)))
        return { ok: true, value };
      const near = typeof value === 'string' ? didYouMean(value, names) : {};
      return { ok: false, expected: `one of ${names.join(', ')}`, ...near };
    },
    {
      // Names that an editor suggests; another system has others.
      anyOf: [
        { type: 'string', enum: [...names] },
        { type: 'string', minLength: 1 },
      ],
    },
  );
