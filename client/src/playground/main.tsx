import 'graphiql/setup-workers/vite'
import 'graphiql/style.css'
import './playground.css'
import './bar/bar.css'
import { createRoot } from 'react-dom/client'
import { Playground } from './playground.tsx'
import { connect } from './session/connect.ts'
import { loadSettings } from './session/playground-settings.ts'

const [bar, element] = ['bar', 'playground'].map((id) => document.getElementById(id))
if (!bar || !element) throw new Error('The page has no elements with the ids "bar" and "playground".')
createRoot(element).render(<Playground connection={connect(await loadSettings())} bar={bar} />)
