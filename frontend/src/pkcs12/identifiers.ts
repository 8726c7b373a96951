export const ID_DATA = "1.2.840.113549.1.7.1";
export const ID_ENCRYPTED_DATA = "1.2.840.113549.1.7.6";
export const ID_FRIENDLY_NAME = "1.2.840.113549.1.9.20";
export const ID_LOCAL_KEY_ID = "1.2.840.113549.1.9.21";
