// Object identifiers of password-based encryption: RFC 8018 appendix C, RFC 7292 appendix C, NIST CSOR.
export const ID_PBES2 = "1.2.840.113549.1.5.13";
export const ID_PBKDF2 = "1.2.840.113549.1.5.12";
export const ID_AES_256_CBC = "2.16.840.1.101.3.4.1.42";
export const ID_AES_128_CBC = "2.16.840.1.101.3.4.1.2";
export const ID_DES_EDE3_CBC = "1.2.840.113549.3.7";
export const ID_HMAC_SHA1 = "1.2.840.113549.2.7";
export const ID_HMAC_SHA256 = "1.2.840.113549.2.9";
export const ID_HMAC_SHA384 = "1.2.840.113549.2.10";
export const ID_HMAC_SHA512 = "1.2.840.113549.2.11";
export const ID_PBE_SHA1_3DES = "1.2.840.113549.1.12.1.3";
export const ID_SHA1 = "1.3.14.3.2.26";
export const ID_SHA256 = "2.16.840.1.101.3.4.2.1";
export const ID_SHA384 = "2.16.840.1.101.3.4.2.2";
export const ID_SHA512 = "2.16.840.1.101.3.4.2.3";
