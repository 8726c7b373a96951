import { AsnConvert } from "@peculiar/asn1-schema";

/** `values` sorted by their encodings, as DER wants the elements of a SET OF (X.690, 11.6). */
export function inSetOrder<T>(values: readonly T[]): T[] {
  const encoded = values.map((value) => ({ value, der: new Uint8Array(AsnConvert.serialize(value)) }));
  encoded.sort((a, b) => {
    const index = a.der.findIndex((octet, position) => octet !== b.der[position]);
    return (a.der[index] ?? 0) - (b.der[index] ?? 0);
  });
  return encoded.map((entry) => entry.value);
}
