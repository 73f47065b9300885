import { useGraphiQL, useGraphiQLActions } from '@graphiql/react'
import { useEffect } from 'react'

/**
 * GraphiQL asks the system for light or dark once, when it starts. This tells its editors again when the system
 * changes, unless the person chose a theme in the settings.
 */
export function FollowSystemTheme(): null {
  const theme = useGraphiQL((state) => state.theme)
  const { setTheme } = useGraphiQLActions()
  useEffect(() => {
    if (theme !== null) return
    const media = matchMedia('(prefers-color-scheme: dark)')
    const follow = () => setTheme(null)
    media.addEventListener('change', follow)
    return () => media.removeEventListener('change', follow)
  }, [theme, setTheme])
  return null
}
