/**
 * The script of the history page, plain JavaScript for browsers of recent years, stored as text because
 * Gauntlet does not run it. It makes no request but for the numbers beside it, and uses no innerHTML.
 */
import { ROWS_FIRST } from '../nights.ts';
import { CHART } from './chart.ts';
import { COMPARE } from './compare.ts';
import { CURSOR } from './cursor.ts';
import { FORMAT } from './format.ts';
import { NUMBERS } from './numbers.ts';
import { SCALE } from './scale.ts';
import { START } from './start.ts';
import { STATE } from './state.ts';

export const PAGE_SCRIPT = `(function () {
  'use strict';
  const ROWS = ${ROWS_FIRST};
${[FORMAT, SCALE, CHART, STATE, CURSOR, NUMBERS, COMPARE, START].join('')}})();
`;
