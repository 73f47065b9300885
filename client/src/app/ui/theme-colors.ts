/**
 * The colours of Naive UI's components. Its default primary button has white text on a green with a contrast of 3.4:1;
 * these reach 4.5:1 in both themes. They match `--brand` and `--error` in style.css, as `theme-colors.test.ts` checks.
 */
export const THEME_COLORS = {
  light: {
    primaryColor: '#0f766e',
    primaryColorHover: '#0d6b64',
    primaryColorPressed: '#0b5a54',
    errorColor: '#b42318',
    errorColorHover: '#9c1e15',
    errorColorPressed: '#841911',
  },
  dark: {
    primaryColor: '#2dd4bf',
    primaryColorHover: '#5eead4',
    primaryColorPressed: '#14b8a6',
    errorColor: '#ff8a80',
    errorColorHover: '#ffa8a0',
    errorColorPressed: '#f4766b',
  },
}
