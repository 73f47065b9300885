import { useGraphiQL, useGraphiQLActions } from '@graphiql/react'
import { useEffect } from 'react'

/**
 * GraphiQL reads the system theme once, when it starts. This component updates it when the system theme changes, unless
 * the user has chosen a theme in the settings.
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
