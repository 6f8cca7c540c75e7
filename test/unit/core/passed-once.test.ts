import { expect, it } from 'vitest';
import { passedOnce } from '../../../src/core/passed-once.ts';

it('asks again after a check that failed, and no more after one that passed', async () => {
  const answers = [new Error('down'), undefined];
  let asked = 0;
  const check = passedOnce(async () => {
    const answer = answers[asked];
    asked += 1;
    if (answer !== undefined) throw answer;
  });
  await expect(check()).rejects.toThrow('down');
  await Promise.all([check(), check()]);
  await check();
  expect(asked).toBe(2);
});
