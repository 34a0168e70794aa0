/** Of every header section; what stands behind it is the message as it is held. */
export const HEADER_BYTES = 15;

/** AMQP header section, AMQP 1.0 part 3, section 3.2.1. */
export function encodeHeader(header: {
  durable: boolean;
  firstAcquirer: boolean;
  deliveryCount: number;
}): Uint8Array {
  const bytes = new Uint8Array([
    0x00,
    0x53,
    0x70,
    0xc0,
    10,
    5,
    header.durable ? 0x41 : 0x42,
    0x40,
    0x40,
    header.firstAcquirer ? 0x41 : 0x42,
    0x70,
    0,
    0,
    0,
    0,
  ]);
  new DataView(bytes.buffer).setUint32(11, header.deliveryCount);
  return bytes;
}
