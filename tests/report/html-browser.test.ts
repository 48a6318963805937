/** The page in a real browser: Debian's Chromium, which `npm test` installs. K8S_HA_SCREENSHOTS names a folder for pictures. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { findTool } from '../../src/cli/machine/host-tools.ts'
import { runPage } from '../../src/report/html/page.ts'
import { readRun } from '../../src/report/read-run.ts'
import { sampleRecords, sampleRun } from './sample-run.ts'

let browser: Browser
before(async () => {
  const executablePath = findTool('chromium')
  assert.ok(executablePath, 'This test needs chromium: apt-get install chromium')
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
})
after(() => browser?.close())

interface View {
  readonly page: Page
  readonly file: string
  readonly requests: readonly string[]
  readonly complaints: readonly string[]
}

async function open(context: TestContext, width: number, colorScheme: 'light' | 'dark' = 'light'): Promise<View> {
  const dir = sampleRun(context)
  const file = join(dir, 'report.html')
  writeFileSync(file, await runPage(readRun(dir)))
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme })
  context.after(() => page.close())
  const [requests, complaints]: [string[], string[]] = [[], []]
  page.on('request', request => requests.push(request.url()))
  page.on('console', message => complaints.push(message.text()))
  page.on('pageerror', error => complaints.push(error.message))
  page.on('dialog', dialog => {
    complaints.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  await page.goto(pathToFileURL(file).href, { waitUntil: 'load' })
  const folder = process.env.K8S_HA_SCREENSHOTS
  if (folder) await page.screenshot({ path: join(folder, `${width}-${colorScheme}.png`), fullPage: true })
  return { page, file, requests, complaints }
}

/** Expressions for the page: the tests are compiled without a browser's types. */
const widthsNeededAndThere = '[document.scrollingElement.scrollWidth, document.scrollingElement.clientWidth]'
const cutTexts = `[...document.querySelectorAll('main *, header *')]
  .filter(one => one instanceof HTMLElement && !one.closest('thead, .graph, pre'))
  .filter(one => [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()))
  .filter(one => getComputedStyle(one).overflowX !== 'visible' && one.scrollWidth > one.clientWidth + 1)
  .map(one => one.className + ' ' + one.textContent)`
const outsideOfWindow = `[...document.querySelectorAll('main *, header *')]
  .filter(one => !one.closest('.graph, thead') && one.getBoundingClientRect().right > innerWidth + 1)
  .map(one => one.className + ' ' + one.textContent)`
const textLighterThanPage = `(() => {
  const light = color => color.match(/[\\d.]+/g).slice(0, 3).reduce((sum, one) => sum + Number(one), 0)
  const { color, backgroundColor } = getComputedStyle(document.body)
  return light(color) - light(backgroundColor)
})()`

const widths = [360, 768, 980, 1440]

for (const width of widths) {
  test(`at ${width} px the page needs no network, complains of nothing and never scrolls sideways`, async context => {
    const { page, file, requests, complaints } = await open(context, width)
    assert.deepEqual(requests, [pathToFileURL(file).href])
    assert.deepEqual(complaints, [])
    await page.locator('details').evaluateAll(all => {
      for (const one of all) one.setAttribute('open', '')
    })
    const [needed = 0, there = 0] = await page.evaluate<readonly number[]>(widthsNeededAndThere)
    assert.ok(needed <= there, `${needed} > ${there}`)
  })

  test(`at ${width} px each scenario has a visible heading and strips, and no text is cut off`, async context => {
    const { page } = await open(context, width)
    for (const record of sampleRecords) {
      const section = page.locator('section.scenario', { has: page.getByRole('heading', { name: record.task }) })
      assert.equal(await section.count(), 1, record.task)
      assert.ok(await section.getByRole('heading', { name: record.task }).isVisible())
      const strips = section.locator('.probe .track svg')
      assert.equal(await strips.count(), record.probes.length)
      for (const box of await Promise.all((await strips.all()).map(strip => strip.boundingBox())))
        assert.ok(box && box.width > 200 && box.height > 10, JSON.stringify(box))
    }
    assert.deepEqual(await page.evaluate<readonly string[]>(cutTexts), [])
    assert.deepEqual(await page.evaluate<readonly string[]>(outsideOfWindow), [])
  })
}

test('text of programs stays text', async context => {
  const { page, complaints } = await open(context, 1440)
  assert.equal(await page.locator('img, script').count(), 0)
  assert.match((await page.locator('.reasons').first().textContent()) ?? '', /never-ran did not run/)
  assert.ok((await page.getByText('<img src=x onerror=alert(1)>').count()) > 0)
  assert.deepEqual(complaints, [])
})

test('those who listen get headings, tables and a text for every drawing', async context => {
  const { page } = await open(context, 360, 'dark')
  assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), 'verify')
  const rows = page.getByRole('table', { name: 'Verdicts' }).getByRole('row')
  assert.equal(await rows.count(), 1 + sampleRecords.length)
  const drawings = await page
    .locator('[role=img]')
    .evaluateAll(all => all.map(one => one.getAttribute('aria-label') ?? ''))
  assert.ok(drawings.length > 30)
  assert.ok(drawings.includes('vm-191 faults: stop 1.20 s – 7.40 s'), drawings.join('\n'))
  assert.ok(
    drawings.some(text => /^api-write: \d+ requests, \d+ failed; without an answer 1\.25 s – 5\.15 s$/.test(text)),
  )
  assert.ok(drawings.every(text => text !== ''))
})

test('dark and light differ, and text stands out in both', async context => {
  const shades = await Promise.all(
    (['light', 'dark'] as const).map(async scheme => {
      const { page } = await open(context, 1440, scheme)
      return page.evaluate<number>(textLighterThanPage)
    }),
  )
  assert.ok((shades[0] ?? 0) < -400 && (shades[1] ?? 0) > 400, shades.join())
})

test('a click on a scenario leads to its section', async context => {
  const { page } = await open(context, 1440)
  await page.getByRole('table', { name: 'Verdicts' }).getByRole('link', { name: 'partition-lbs[IPv6]' }).click()
  assert.ok(await page.getByRole('heading', { name: 'partition-lbs[IPv6]' }).isVisible())
  assert.match(page.url(), /#scenario-2$/)
  const links = await page.locator('.graph a[href]').evaluateAll(all => all.map(one => one.getAttribute('href')))
  assert.deepEqual(links.toSorted(), ['#scenario-1', '#scenario-2', '#scenario-3'])
})
