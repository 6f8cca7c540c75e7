/** Names of repeated faults: `kill-pod` in the first round, `kill-pod@2` in the second; objectives name the fault alone. */
export const nameInRound = (fault: string, round: number): string =>
  round === 1 ? fault : `${fault}@${round}`;

export const withoutRound = (name: string): string => name.replace(/@\d+$/, '');
