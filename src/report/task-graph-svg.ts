/** Draws a graph of tasks as SVG: Graphviz, as WebAssembly, finds the places; it is loaded when first needed. */
export interface DrawnTask {
  readonly name: string
  readonly needs: readonly string[]
  /** Order only. */
  readonly after: readonly string[]
  /** A second line. */
  readonly text?: string
  /** `passed`, `failed`, `skipped`, `idle`: the class of the drawn node. */
  readonly state?: string
  /** Where a click leads, "#lb-owner-stop". */
  readonly link?: string
}

export interface DrawOptions {
  /** Told by who listens to the page instead of looking at it. */
  readonly title: string
  /** Whether the drawing brings its own style sheet: for a file of its own. */
  readonly standalone: boolean
}

export async function taskGraphSvg(tasks: readonly DrawnTask[], options: DrawOptions): Promise<string> {
  const { Graphviz } = await import('@hpcc-js/wasm-graphviz')
  const graphviz = await Graphviz.load()
  const svg = graphviz.layout(dotOf(tasks, options.title), 'svg', 'dot')
  return finish(svg, options)
}

function dotOf(tasks: readonly DrawnTask[], title: string): string {
  // Numbers for names: nothing in a task's name can then mean something to Graphviz.
  const ids = new Map(tasks.map(({ name }, index) => [name, `t${index}`]))
  const edges = (task: DrawnTask, from: readonly string[], style: string) =>
    from.filter(name => ids.has(name)).map(name => `  ${ids.get(name)} -> ${ids.get(task.name)}${style};`)
  return [
    'digraph {',
    `  graph [rankdir=LR, nodesep=0.16, ranksep=0.38, bgcolor=transparent, tooltip=${dotText(title)}];`,
    '  node [shape=box, style=rounded, fontname="Helvetica", fontsize=12, height=0.36, margin="0.16,0.07"];',
    '  edge [arrowsize=0.6];',
    ...tasks.map(task => `  ${ids.get(task.name)} [${attributes(task)}];`),
    ...tasks.flatMap(task => edges(task, task.needs, '')),
    ...tasks.flatMap(task => edges(task, task.after, ' [style=dashed, class=after]')),
    '}',
  ].join('\n')
}

function attributes({ name, text, state, link }: DrawnTask): string {
  const label = text === undefined ? name : `${name}\n${text}`
  const tooltip = text === undefined ? name : `${name}: ${text}`
  return [
    `label=${dotText(label)}`,
    `tooltip=${dotText(tooltip)}`,
    `class=${dotText(state ?? 'idle')}`,
    ...(link === undefined ? [] : [`URL=${dotText(link)}`]),
  ].join(', ')
}

/** A quoted text of DOT; entities stand for what it would take as entities or control characters. */
const dotText = (text: string): string =>
  `"${text
    .replaceAll(/[^\P{Cc}\n]|[\p{Cf}\p{Cs}]/gu, '\uFFFD')
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('&', '&amp;')
    .replaceAll('\n', '\\n')}"`

const ownStyle = `<style>
text{fill:#1a1d21;font:11px Helvetica,Arial,sans-serif}
.node path,.node polygon{stroke:#8a929c;fill:#f6f7f9}
.edge path{stroke:#8a929c}.edge polygon{stroke:#8a929c;fill:#8a929c}
@media (prefers-color-scheme:dark){text{fill:#e6e8eb}.node path,.node polygon{fill:#23272e;stroke:#6b7480}}
</style>`

/** Colours come from style sheets only, so that they follow light and dark. */
function finish(svg: string, { title, standalone }: DrawOptions): string {
  const body = svg
    .slice(svg.indexOf('<svg'))
    .replaceAll(/<!--.*?-->\n?/gs, '')
    .replaceAll(/ (?:fill|stroke)="(?!none)[^"]*"/g, '')
    .replaceAll(/<title>[^<]*<\/title>\n/g, '')
    .replaceAll(/<a ([^>]*?) ?xlink:title="([^"]*)">/g, '<a $1><title>$2</title>')
    .replaceAll('xlink:href', 'href')
    .trim()
  const start = body.indexOf('>') + 1
  const head = body.slice(0, start).replace('<svg', `<svg role="img" aria-label="${xmlText(title)}"`)
  return `${head}${standalone ? ownStyle : ''}${body.slice(start)}\n`
}

const xmlText = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('"', '&quot;')
    .replaceAll(/[^\P{Cc}]/gu, '\uFFFD')
