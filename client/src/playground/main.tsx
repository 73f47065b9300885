import 'graphiql/setup-workers/vite'
import 'graphiql/style.css'
import './playground.css'
import { createRoot } from 'react-dom/client'
import { Playground } from './playground.tsx'

const element = document.getElementById('playground')
if (!element) throw new Error('The page has no element with the id "playground".')
createRoot(element).render(<Playground />)
