import { domainToASCII, domainToUnicode } from 'node:url'
import ipaddr from 'ipaddr.js'

// Labels in letters of any script, and at least one dot. Only sending mail can tell whether the domain exists.
const domainForm =
  /^(?!.*\p{Default_Ignorable_Code_Point})(?:[\p{L}\p{N}][\p{L}\p{N}\p{M}-]{0,62}\.)+[\p{L}\p{N}][\p{L}\p{N}\p{M}-]{1,62}$/u

/**
 * The one form of a domain that we store and compare. Browsers turn the domain in `<input type="email">` into ASCII
 * (`xn--bcher-kva.example`), other clients send what the user typed (`bücher.example`). The result is in Unicode, unless that
 * form would contain characters that we do not allow in an address, such as emoji or invisible joiners.
 * @param domain in lower case and NFC
 * @returns null when it is not a domain.
 * @see UTS 46, in the profile of the WHATWG URL Standard
 */
export function canonicalDomain(domain: string): string | null {
  if (!domainForm.test(domain)) return null
  if (isPlain(domain)) return domain
  const ascii = domainToASCII(domain)
  if (!domainForm.test(ascii) || ipaddr.IPv4.isValidFourPartDecimal(ascii)) return null
  const unicode = domainToUnicode(ascii)
  // Punycode that means nothing: from Node 24 on, it is passed through in a domain that is otherwise ASCII.
  if (/(?<![^.])xn--/.test(unicode)) return null
  return domainForm.test(unicode) && domainToASCII(unicode) === ascii ? unicode : ascii
}

/** Part of an address with its whole `xn--` labels in the form that we store. A local part stays unchanged. */
export const canonicalLabels = (text: string): string =>
  text.replace(
    /(?<![^.@])xn--[a-z\d-]+(?![^.])/g,
    (label) => canonicalDomain(`${label}.example`)?.slice(0, -8) ?? label,
  )

/** True when there is only one way to write the domain. */
const isPlain = (domain: string) => /^[a-z\d.-]+$/.test(domain) && !domain.includes('xn--')
