/** What a night that told this trend has told: the confirmed changes that no earlier night did. */
import type { Trend } from '../../core/trend.ts';
import type { Told } from './judge-series.ts';

/** A suspected change is not told: else the night that confirms it would have nothing new to say. */
export const changesToTell = ({ series }: Pick<Trend, 'series'>): readonly Told[] =>
  series.flatMap((one) =>
    one.changes
      .filter((change) => change.state === 'confirmed' && change.isNew)
      .map((change) => ({ series: one.id, at: change.at })),
  );
