// @ts-check
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * The programs that run pages in WebKitGTK: its WebDriver, its browser and a virtual display.
 * @typedef {{ driver: string, browser: string, display: string }} WebKitPrograms
 */

/** The first of these programs on the PATH. @param {string[]} names */
const onPath = (...names) =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((file) => existsSync(file))

/** WebKitGTK's browser is not on the PATH. Its folder is named after the architecture and the version. */
function findMiniBrowser() {
  const folders = ['/usr/lib', '/usr/libexec', '/usr/lib64'].flatMap((folder) => [
    folder,
    ...subfolders(folder, /-linux-gnu/),
  ])
  return folders
    .flatMap((folder) => subfolders(folder, /^webkit2?gtk-/))
    .map((folder) => join(folder, 'MiniBrowser'))
    .find((file) => existsSync(file))
}

/** @param {string} folder @param {RegExp} name */
const subfolders = (folder, name) =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((entry) => name.test(entry))
        .map((entry) => join(folder, entry))
    : []

/** Firefox, if it is installed. @returns {string | undefined} */
export const findFirefox = () => onPath('firefox', 'firefox-esr')

/** WebKitGTK, if all of its programs are installed. @returns {WebKitPrograms | undefined} */
export function findWebKit() {
  const [driver, browser, display] = [onPath('WebKitWebDriver'), findMiniBrowser(), onPath('Xvfb')]
  return driver && browser && display ? { driver, browser, display } : undefined
}

/** The engines for `npm run test:engines`. */
export function findEngines() {
  const engines = /** @type {const} */ ([
    ['Firefox', findFirefox()],
    ['WebKitGTK', findWebKit()],
  ])
  return {
    installed: engines.filter(([, programs]) => programs).map(([name]) => name),
    missing: engines.filter(([, programs]) => !programs).map(([name]) => name),
  }
}
