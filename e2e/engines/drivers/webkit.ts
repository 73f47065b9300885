import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { WebKitPrograms } from '../../../scripts/find-engines.mjs'
import type { Engine, Profile } from './engine.ts'
import { commands, type Send, Tabs } from './webdriver.ts'

/** WebKitGTK's MiniBrowser on a virtual display, controlled by WebDriver. */
export async function launchWebKit({ driver, browser, display }: WebKitPrograms): Promise<Engine> {
  const children: ChildProcess[] = []
  const killAll = () => {
    for (const child of children.reverse()) child.kill()
  }
  process.on('exit', killAll)

  const screen = spawn(display, ['-displayfd', '3', '-screen', '0', '1280x800x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  })
  children.push(screen)
  const [number] = (await once(screen.stdio[3] as Readable, 'data')) as [Buffer]

  const port = await freePort()
  const env = {
    ...process.env,
    DISPLAY: `:${String(number).trim()}`,
    GDK_BACKEND: 'x11',
    LANGUAGE: 'en_US',
    // Without a graphics card, compositing costs time and shows nothing else.
    WEBKIT_DISABLE_COMPOSITING_MODE: '1',
  }
  children.push(spawn(driver, [`--port=${port}`], { env, stdio: ['ignore', 'ignore', 'inherit'] }))
  const send = commands(`http://127.0.0.1:${port}`)
  await isReady(send)

  const openProfile = () => openSession(send, browser)
  return {
    openProfile,
    /** Every window that WebDriver opens is private: its cookies and storage are kept in memory. */
    openPrivateProfile: openProfile,
    async close() {
      process.off('exit', killAll)
      killAll()
    },
  }
}

/** The driver has one session at a time. */
async function openSession(send: Send, binary: string): Promise<Profile> {
  const alwaysMatch = {
    'webkitgtk:browserOptions': { binary, args: ['--automation'] },
    // The driver looks for an element until it is there.
    timeouts: { implicit: 30_000 },
  }
  const session = await send('POST', '/session', { capabilities: { alwaysMatch } })
  const path = `/session/${(session as { sessionId: string }).sessionId}`
  const tabs = new Tabs((method, command, body) => send(method, path + command, body))
  return {
    openTab: (url) => tabs.open(url),
    close: async () => void (await send('DELETE', path)),
  }
}

async function isReady(send: Send): Promise<void> {
  for (;;) {
    const isUp = await send('GET', '/status').catch(() => null)
    if (isUp) return
    await delay(50)
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
