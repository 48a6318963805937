/** The few colours of the reports, and none of them where colour is off. */
export interface Palette {
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly busy: (text: string) => string
  readonly quiet: (text: string) => string
  readonly strong: (text: string) => string
}

const wrap = (on: number, off: number) => (text: string) => `\u001b[${on}m${text}\u001b[${off}m`
const plain = (text: string) => text

export const palette = (color: boolean): Palette =>
  color
    ? { good: wrap(32, 39), bad: wrap(31, 39), busy: wrap(36, 39), quiet: wrap(2, 22), strong: wrap(1, 22) }
    : { good: plain, bad: plain, busy: plain, quiet: plain, strong: plain }
