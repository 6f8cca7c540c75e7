/**
 * Contrast as the browser computes it, by WCAG 2.2: of all texts against what is behind them, and of the
 * strokes of the charts. Runs in the page, so it is text.
 */
export const CONTRASTS = `(() => {
  const channels = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const isClear = (text) => channels(text).length === 4 && channels(text)[3] === 0;
  const behind = (element) => {
    for (let one = element; one !== null; one = one.parentElement) {
      const { backgroundColor } = getComputedStyle(one);
      if (!isClear(backgroundColor)) return backgroundColor;
    }
    return 'rgb(255, 255, 255)';
  };
  const luminance = (text) => {
    const [r, g, b] = channels(text).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : Math.pow((share + 0.055) / 1.055, 2.4);
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const found = [];
  const note = (element, color, least) => {
    const ground = behind(element);
    const value = contrast(color, ground);
    found.push({ what: element.tagName + '.' + (element.getAttribute('class') || ''), color, ground, value, least });
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (walker.currentNode.textContent.trim() === '' || element.closest('script') !== null) continue;
    if (element.getClientRects().length === 0 || element.closest('.unseen, .skip') !== null) continue;
    const style = getComputedStyle(element);
    note(element, element.closest('svg') === null ? style.color : style.fill, 4.5);
  }
  for (const name of ['c-line', 'c-arrow', 'c-gap', 'c-segment', 'c-pin', 'c-change', 'c-cursor', 'c-picked'])
    for (const element of document.querySelectorAll('section.chosen .plot .' + name)) note(element, getComputedStyle(element).stroke, 3);
  return found;
})()`;

export interface Contrast {
  readonly what: string;
  readonly color: string;
  readonly ground: string;
  readonly value: number;
  readonly least: number;
}
