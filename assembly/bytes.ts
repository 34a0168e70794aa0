/** Characters of JSON and of time stamps, as bytes. */
export const SPACE: u32 = 0x20;
export const QUOTE: u32 = 0x22;
export const PLUS: u32 = 0x2b;
export const COMMA: u32 = 0x2c;
export const MINUS: u32 = 0x2d;
export const DOT: u32 = 0x2e;
export const ZERO: u32 = 0x30;
export const COLON: u32 = 0x3a;
export const LETTER_T: u32 = 0x54;
export const LETTER_Z: u32 = 0x5a;
export const BRACE_OPEN: u32 = 0x7b;
export const BRACE_CLOSE: u32 = 0x7d;
