/** The questions of `gauntlet init`, each with the flag that answers it where there is no terminal. */
import type { Problem } from '../../core/errors.ts';

export interface InitFlags {
  readonly name?: string;
  readonly service: readonly string[];
  readonly compose?: string;
  readonly ready: readonly string[];
  readonly link: readonly string[];
  readonly get: readonly string[];
  readonly allowFaults?: boolean;
  /** Questions that have a default take it. */
  readonly yes: boolean;
}

interface Question {
  readonly flag: string;
  readonly asks: string;
  /** Null: there is none, so --yes does not answer it. */
  readonly otherwise: string | null;
  isAnswered(flags: InitFlags): boolean;
}

const QUESTIONS: readonly Question[] = [
  {
    flag: '--name NAME',
    asks: 'the name of your system, such as --name shop',
    otherwise: null,
    isAnswered: ({ name }) => name !== undefined,
  },
  {
    flag: '--service NAME=ADDRESS',
    asks: 'each service, such as --service web=http://127.0.0.1:8080, or --compose FILE',
    otherwise: null,
    isAnswered: ({ service, compose }) => service.length > 0 || compose !== undefined,
  },
  {
    flag: '--ready SERVICE=/PATH',
    asks: 'the path that says whether it is ready, such as --ready web=/health',
    otherwise: 'GET / below 500',
    isAnswered: ({ ready, compose }) => ready.length > 0 || compose !== undefined,
  },
  {
    flag: '--get SERVICE=/PATH',
    asks: 'a GET that users do, such as --get web=/items',
    otherwise: 'a documented path, or /, where it answers 2xx',
    isAnswered: ({ get }) => get.length > 0,
  },
  {
    flag: '--link "FROM -> TO"',
    asks: 'who dials whom, such as --link "web -> cache"',
    otherwise: 'no link',
    isAnswered: ({ link, compose }) => link.length > 0 || compose !== undefined,
  },
  {
    flag: '--allow-faults, or --no-allow-faults',
    asks: 'whether faults may be injected there',
    otherwise: 'no',
    isAnswered: ({ allowFaults }) => allowFaults !== undefined,
  },
];

/** Every question that has no answer, when nobody can be asked. */
export function missingAnswers(flags: InitFlags): readonly Problem[] {
  const open = QUESTIONS.filter((one) => !one.isAnswered(flags) && !(flags.yes && one.otherwise !== null));
  if (open.length === 0) return [];
  return [
    NO_TERMINAL,
    ...open.map(({ flag, asks, otherwise }) => ({
      subject: flag,
      expected: asks,
      got: 'nothing',
      ...(otherwise !== null && { next: `With --yes: ${otherwise}.` }),
    })),
  ];
}

const NO_TERMINAL: Problem = {
  subject: 'init',
  expected: 'a terminal',
  text: 'there is no terminal to ask on, so each question needs its flag',
};
