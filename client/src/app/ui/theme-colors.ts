/**
 * The colours of Naive UI's components. Its own default button is white on a green of 3.4:1; these keep 4.5:1 and more in
 * both themes, and are the `--brand` and `--error` of style.css (`brand.test.ts` computes it).
 */
export const BRAND = {
  light: { primaryColor: '#0f766e', primaryColorHover: '#0d6b64', primaryColorPressed: '#0b5a54', error: '#b42318' },
  dark: { primaryColor: '#2dd4bf', primaryColorHover: '#5eead4', primaryColorPressed: '#14b8a6', error: '#ff8a80' },
}
