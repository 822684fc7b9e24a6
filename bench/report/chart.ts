/** Requests per second as bars, one group a scenario, as SVG: made from the results, by nothing but this. */
import { medianOf } from '../measure/verdict.ts';
import type { ScenarioResult } from './results.ts';
import { number } from './words.ts';

const width = 860;
const labelWidth = 150;
const barHeight = 18;
const rowHeight = 24;
const titleHeight = 30;
const barRoom = width - labelWidth - 120;
/** The first side and the others; both readable on a white and on a dark page. */
const colours = ['#2f8f5b', '#8a94a6'];

interface Bar {
  readonly label: string;
  readonly value: number;
}

/** Each group has a scale of its own: what counts is who is how much longer in it. */
export function chart(results: readonly ScenarioResult[]): string {
  const groups = results.map(({ title, measured }) => ({
    title,
    bars: measured.sides.flatMap(side => {
      const value = medianOf(side, 'requestsPerSecond');
      return value === undefined ? [] : [{ label: side.label, value }];
    }),
  }));
  const parts: string[] = [];
  let top = 0;
  for (const { title, bars } of groups.filter(group => group.bars.length > 0)) {
    parts.push(`<text x="0" y="${top + 20}" font-weight="600">${escape(title)}</text>`);
    top += titleHeight;
    parts.push(...bars.map((bar, index) => drawBar(bar, index, top + index * rowHeight, longest(bars))));
    top += bars.length * rowHeight + 8;
  }
  return `${opening(top)}\n${parts.join('\n')}\n</svg>\n`;
}

function opening(height: number): string {
  const font = 'font-family="system-ui,sans-serif" font-size="13" fill="#6b7686"';
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `role="img" aria-label="requests per second" ${font}>`
  );
}

function longest(bars: readonly Bar[]): number {
  return Math.max(...bars.map(({ value }) => value));
}

function drawBar({ label, value }: Bar, index: number, top: number, most: number): string {
  const length = Math.max(1, Math.round((value / most) * barRoom));
  const textTop = top + barHeight - 5;
  return [
    `<text x="${labelWidth - 8}" y="${textTop}" text-anchor="end">${escape(label)}</text>`,
    `<rect x="${labelWidth}" y="${top}" width="${length}" height="${barHeight}" rx="2" fill="${colours[Math.min(index, 1)]}"/>`,
    `<text x="${labelWidth + length + 8}" y="${textTop}">${number(value)}/s</text>`,
  ].join('\n');
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
