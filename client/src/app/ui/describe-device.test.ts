import { expect, it } from '@jest/globals'
import { describeDevice } from './describe-device.ts'

const AGENTS = {
  iphone:
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
  laptop:
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  firefox: 'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0',
}

it.each([
  [AGENTS.iphone, { browser: 'Safari 18', system: 'iOS', kind: 'phone' }],
  [AGENTS.laptop, { browser: 'Chrome 140', system: 'Windows', kind: 'computer' }],
  [AGENTS.firefox, { browser: 'Firefox 143', system: 'Linux', kind: 'computer' }],
  ['curl/8.5.0', { browser: 'curl', system: null, kind: 'program' }],
  ['x'.repeat(500), { browser: `${'x'.repeat(39)}…`, system: null, kind: 'program' }],
  [
    AGENTS.laptop.replace('140', '1'.repeat(300)),
    { browser: `Chrome ${'1'.repeat(32)}…`, system: 'Windows', kind: 'computer' },
  ],
  ['', { browser: null, system: null, kind: 'program' }],
  [null, { browser: null, system: null, kind: 'program' }],
])('describes %j', (agent, description) => {
  expect(describeDevice(agent)).toEqual(description)
})
