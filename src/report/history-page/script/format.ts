/**
 * Numbers in the words of all reports: the same rules as `formatMs`, `formatRatio` and `formatRate`, for the
 * browser. A test holds them against each other.
 */
export const FORMAT = `
  const NONE = '–';
  function span(ms) {
    if (ms >= 10000) return (ms / 1000).toFixed(1) + ' s';
    if (ms >= 1000) return (ms / 1000).toFixed(2) + ' s';
    if (ms >= 100) return ms.toFixed(0) + ' ms';
    return ms.toFixed(ms >= 10 ? 1 : 2) + ' ms';
  }
  function percent(share) {
    const value = share * 100;
    if (value === 0 || value === 100) return value + '%';
    if (value > 0 && value < 0.01) return '<0.01%';
    if (value < 100 && value > 99.99) return '>99.99%';
    return Number(value.toFixed(value < 10 || value > 99 ? 2 : 1)) + '%';
  }
  function rate(value) {
    const digits = Number.isInteger(value) || value >= 1000 ? 0 : value < 10 ? 2 : 1;
    return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits }) + '/s';
  }
  function isShare(kind) { return kind === 'share' || kind === 'recovered-share'; }
  function isRecovery(kind) { return kind === 'recovery' || kind === 'recovered-share'; }
  function words(kind, value) {
    if (value === null) return NONE;
    if (kind === 'ratio') return value.toFixed(2) + '×';
    if (kind === 'count') return String(short(value));
    return isShare(kind) ? percent(value) : kind === 'rate' ? rate(value) : span(value);
  }
  // A bound that is not known is no number: the interval reaches beyond what was measured.
  function interval(kind, low, high) {
    if (low === null && high === null) return '';
    return (low === null ? '?' : words(kind, low)) + ' … ' + (high === null ? '?' : words(kind, high));
  }
  function short(value) { return Number(value.toPrecision(3)); }
  // Ticks are round numbers, so they need no decimals that say nothing.
  function tickWords(kind, value) {
    if (isShare(kind)) return percent(Number(value.toPrecision(6)));
    if (kind === 'rate') return short(value).toLocaleString('en-US') + '/s';
    if (kind === 'ratio') return short(value) + '×';
    if (kind === 'count') return String(short(value));
    return value >= 1000 ? short(value / 1000) + ' s' : short(value) + ' ms';
  }
  // The value of one night in words, also where there is none.
  function nightValue(data, series, at) {
    const value = series.value[at];
    if (value === null) return 'no value: ' + data.gaps[series.gaps[at]];
    if (series.isCensored[at]) return 'not reached (> ' + words(series.kind, value) + ')';
    const range = interval(series.kind, series.low[at], series.high[at]);
    return words(series.kind, value) + (range === '' ? '' : ' (' + range + ')');
  }
  // Times as a ratio, shares as a difference in points: twice nothing is nothing.
  function between(kind, from, to) {
    if (isShare(kind)) return (to >= from ? '+' : '−') + Math.abs((to - from) * 100).toFixed(2) + ' pt';
    return from > 0 ? (to / from).toFixed(2) + '×' : NONE;
  }
`;
