import { describe, expect, it } from '@jest/globals'
import { originProblem } from './cors-origins.ts'

describe('originProblem', () => {
  it.each([
    'https://app.example.com',
    'http://localhost:5173',
    'https://xn--bcher-kva.example',
    'http://[::1]:8080',
    'http://tauri.localhost',
    'capacitor://localhost',
    'ionic://localhost',
    'tauri://localhost',
    'app://.',
    'app://obsidian.md',
    'myapp://localhost:3000',
    'com.example.app://localhost',
    'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
    'moz-extension://6f1c2a9e-2f4b-4d0b-9a55-0b5b3f0c9d11',
    'safari-web-extension://6f1c2a9e-2f4b-4d0b-9a55-0b5b3f0c9d11',
  ])('accepts %s', (origin) => expect(originProblem(origin)).toBeNull())

  it.each([
    ['https://app.example.com/', 'https://app.example.com'],
    ['https://app.example.com/path?query', 'https://app.example.com'],
    ['https://app.example.com:443', 'https://app.example.com'],
    ['http://app.example.com:80', 'http://app.example.com'],
    ['HTTPS://App.Example.com', 'https://app.example.com'],
    ['https://user:secret@app.example.com', 'https://app.example.com'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
    ['wss://app.example.com/graphql', 'https://app.example.com'],
    ['ws://localhost:5173', 'http://localhost:5173'],
    ['capacitor://localhost/', 'capacitor://localhost'],
    ['Capacitor://LocalHost', 'capacitor://localhost'],
    ['ionic://localhost/index.html', 'ionic://localhost'],
    ['app://./index.html', 'app://.'],
    [
      'chrome-extension://abcdefghijklmnopabcdefghijklmnop/popup.html',
      'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
    ],
  ])('refuses %s and names what to write', (entry, remedy) => {
    expect(originProblem(entry)).toContain(`write "${remedy}"`)
    expect(originProblem(remedy)).toBeNull()
  })

  it.each([
    'app.example.com',
    'localhost:5173',
    'https://',
    'https://app example.com',
    'capacitor://',
    'capacitor:localhost',
    'chrome-extension://<id>',
    'capacitor://user@localhost',
    'blob:https://app.example.com/1',
    'data:text/html,x',
    'about:blank',
    '1app://localhost',
  ])('refuses %s', (entry) => expect(originProblem(entry)).toMatch(/; ".*" is not one$/))

  it.each(['*', 'https://*.example.com', 'capacitor://*', 'chrome-extension://*'])('refuses the wildcard %s', (entry) =>
    expect(originProblem(entry)).toContain('contains a wildcard'),
  )

  it.each(['null', 'NULL', 'file://', 'file:///home/app/index.html', 'File://localhost'])(
    'refuses %s, the origin of any sandboxed page or file',
    (entry) => expect(originProblem(entry)).toContain('sandboxed pages of any site'),
  )
})
