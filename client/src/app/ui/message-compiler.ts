import type { MessageCompiler, MessageContext } from 'vue-i18n'

type Message = (context: MessageContext) => string

const compiled = new Map<string, Message>()

/**
 * Compiles what our texts use of the format of Vue I18n: `{name}`, `{'literal'}` and `one | many`. Its own compiler would
 * make up a fifth of the library, and every first load would wait for it.
 */
export const compileMessage: MessageCompiler = (text) => {
  let message = compiled.get(text as string)
  if (!message) {
    const forms = (text as string).split(' | ').map(compileForm)
    const [only = () => ''] = forms
    message = forms.length === 1 ? only : (context) => context.plural(forms.map((form) => form(context))) as string
    compiled.set(text as string, message)
  }
  return message
}

/** One form of a text. */
function compileForm(text: string): Message {
  // Every second piece was in braces.
  const pieces = text.split(/\{([^}]*)\}/)
  return (context) =>
    pieces
      .map((piece, index) => {
        if (index % 2 === 0) return piece
        return /^'.*'$/.test(piece) ? piece.slice(1, -1) : String(context.named(piece) ?? '')
      })
      .join('')
}
