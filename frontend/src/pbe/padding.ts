/** The decrypted text does not end in PKCS#7 padding: almost always a wrong password. */
export class BadPadding extends Error {}
