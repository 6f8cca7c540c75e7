/** Where values lie in a chart: pure functions of the browser's script. */
export const SCALE = `
  function quantileOf(sorted, share) {
    return sorted.length === 0 ? null : sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  }
  // One wild interval must not flatten all nights: bounds count up to their 95th percentile, values always.
  function rangeOf(values, lows, highs) {
    const known = (list) => list.filter((v) => v !== null).sort((a, b) => a - b);
    const all = known(values);
    if (all.length === 0) return null;
    const low = quantileOf(known(lows), 0.05);
    const high = quantileOf(known(highs), 0.95);
    return [low === null ? all[0] : Math.min(all[0], low), high === null ? all[all.length - 1] : Math.max(all[all.length - 1], high)];
  }
  function niceStep(rough) {
    const power = Math.pow(10, Math.floor(Math.log10(rough)));
    const digit = rough / power;
    return (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10) * power;
  }
  function linearTicks(low, high) {
    const step = niceStep((high - low) / 3);
    const ticks = [];
    for (let at = Math.ceil(low / step - 1e-9); at * step <= high + step * 1e-9; at++) ticks.push(at * step);
    return ticks;
  }
  function logTicks(low, high) {
    const ticks = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++)
      for (const digit of [1, 2, 5]) {
        const value = digit * Math.pow(10, power);
        if (value >= low && value <= high) ticks.push(value);
      }
    const tens = ticks.filter((v) => Math.abs(Math.log10(v) - Math.round(Math.log10(v))) < 1e-9);
    if (ticks.length <= 5 || tens.length < 2) return ticks;
    const each = Math.ceil(tens.length / 6);
    return tens.filter((v, index) => index % each === 0);
  }
  // at(value): 0 at the bottom, 1 at the top, never outside.
  function scaleOf(kind, values, lows, highs) {
    const range = rangeOf(values, lows, highs);
    if (range === null) return null;
    let [low, high] = range;
    const isLog = !isShare(kind) && low > 0 && high / low > 20;
    if (kind === 'share') { low = 0; high = Math.min(1, Math.max(high * 1.15, 0.001)); }
    else if (kind === 'recovered-share') { low = Math.max(0, Math.min(0.8, low - 0.15 * (1 - low))); high = 1; }
    else if (isLog) { low /= 1.15; high *= 1.25; }
    else {
      const pad = Math.max((high - low) * 0.14, high * 0.06);
      low = low < high * 0.5 ? 0 : Math.max(0, low - pad);
      high += pad;
    }
    if (high <= low) high = low + 1;
    const place = isLog ? Math.log : (v) => v;
    const at = (value) => Math.min(1, Math.max(0, (place(value) - place(low)) / (place(high) - place(low))));
    return { at, isLog, ticks: isLog ? logTicks(low, high) : linearTicks(low, high) };
  }
`;
