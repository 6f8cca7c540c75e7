/** `gd-20261121-031208`: the start of a run in UTC, as game days are commonly named. */
export const gameDayId = (startedAt: string): string => {
  const digits = startedAt.replace(/\D/g, '').slice(0, 14);
  return `gd-${digits.slice(0, 8)}-${digits.slice(8)}`;
};
