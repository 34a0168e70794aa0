/** Digits to numbers, up to sixteen of them in the same few steps. */
/** 10^0 to 10^15. */
export const POWERS: StaticArray<f64> = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

/** Eight zeros as text: what turns digits into numbers. */
const ZEROS: u64 = 0x3030303030303030;

/** @returns how many digits stand at a position, counted up to 16 */
export function digitCount(at: u32): u32 {
  const size = plainBytes(load<u64>(at) ^ ZEROS);
  return size < 8 ? size : 8 + plainBytes(load<u64>(at + 8) ^ ZEROS);
}

/** @returns the number that 0 to 16 digits are, without a branch for each */
export function digits(at: u32, size: u32): u64 {
  const high = load<u64>(at) ^ ZEROS;
  // A shift by 64 is one by 0.
  if (size <= 8) return size === 0 ? 0 : eight(high << (64 - (size << 3)));
  const rest = size - 8;
  const low = load<u64>(at + 8) ^ ZEROS;
  return eight(high) * <u64>unchecked(POWERS[rest]) + eight(low << (64 - (rest << 3)));
}

/** How many bytes from the lowest on are 0 to 9. */
function plainBytes(word: u64): u32 {
  const others = ((word + 0x0606060606060606) | word) & 0xf0f0f0f0f0f0f0f0;
  return others === 0 ? 8 : <u32>(ctz(others) >> 3);
}

/** The number whose digits the bytes are, the lowest byte first. */
function eight(word: u64): u64 {
  const pairs = word * 10 + (word >> 8);
  const mask: u64 = 0x000000ff000000ff;
  return ((pairs & mask) * 0x000f424000000064 + ((pairs >> 16) & mask) * 0x0000271000000001) >> 32;
}
