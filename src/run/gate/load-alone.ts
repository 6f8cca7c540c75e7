/** A campaign as a comparison of two versions plays it. */
import type { Campaign } from '../../config/read-campaign.ts';

/** Faults come after the baseline; objectives would judge one side by other limits than the other. */
export const loadAlone = (campaign: Campaign): Campaign => ({
  ...campaign,
  faults: [],
  repeat: 1,
  goals: { ...campaign.goals, objectives: [] },
});
