/**
 * Whatever a reader cannot see, or that moves what stands around it: controls, formats (zero-width, bidirectional), every space but the plain one,
 * unassigned; letters and marks that are drawn as nothing (fillers, variation selectors), and the blank Braille pattern.
 */
const INVISIBLE = /[\p{C}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\u2800]|(?! )\p{Zs}/gu;

/**
 * Text as a person may be shown it: each character that hides or reorders others as `\u{…}`. Letters of any script stay as they are. For showing alone:
 * what is hashed and executed is the text itself.
 */
export function visibleText(text: string): string {
  return text.replace(INVISIBLE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
