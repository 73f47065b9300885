import { expect, operate, register, test } from '../support/library-test.ts'

/** The test is a race against the browser, so it is repeated. */
const TIMES = 10

test('C10: a Request that is sent while the page is left arrives with its body and its token', async ({
  openTab,
  gateway,
}) => {
  await register(await openTab())
  const texts = Array.from({ length: TIMES }, (_, time) => JSON.stringify({ text: `draft ${time}` }))
  for (const [time, body] of texts.entries()) {
    const tab = await openTab()
    await operate(tab, 1)
    await tab.evaluate((draft) => window.harness?.saveOnLeave(draft), body)
    if (time % 2 === 0) await tab.goto('about:blank')
    await tab.close()
  }
  await expect.poll(() => gateway.saved).toEqual(texts)
})
