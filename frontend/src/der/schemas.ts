import { AsnArray, AsnProp, AsnPropTypes, AsnType, AsnTypeTypes, OctetString } from "@peculiar/asn1-schema";
import { Attribute, EncryptedContentInfo } from "@peculiar/asn1-cms";
import { AlgorithmIdentifier } from "@peculiar/asn1-x509";

// Structures that the @peculiar packages leave out: password-based encryption (RFC 8018, appendix A;
// RFC 7292, appendix C), CMS EncryptedData and SignedAttributes (RFC 5652, 8 and 5.3), and the reference of a signature to
// the signer's certificate (RFC 5035).

/** PBES2-params ::= SEQUENCE { keyDerivationFunc, encryptionScheme } */
@AsnType({ type: AsnTypeTypes.Sequence })
export class Pbes2Params {
  @AsnProp({ type: AlgorithmIdentifier })
  keyDerivationFunc = new AlgorithmIdentifier();

  @AsnProp({ type: AlgorithmIdentifier })
  encryptionScheme = new AlgorithmIdentifier();

  constructor(values: Partial<Pbes2Params> = {}) {
    Object.assign(this, values);
  }
}

/** PBKDF2-params ::= SEQUENCE { salt, iterationCount, keyLength OPTIONAL, prf DEFAULT hmacWithSHA1 } */
@AsnType({ type: AsnTypeTypes.Sequence })
export class Pbkdf2Params {
  @AsnProp({ type: OctetString })
  salt = new OctetString();

  @AsnProp({ type: AsnPropTypes.Integer })
  iterationCount = 1;

  @AsnProp({ type: AsnPropTypes.Integer, optional: true })
  keyLength?: number;

  @AsnProp({ type: AlgorithmIdentifier, optional: true })
  prf?: AlgorithmIdentifier;

  constructor(values: Partial<Pbkdf2Params> = {}) {
    Object.assign(this, values);
  }
}

/** pkcs-12PbeParams ::= SEQUENCE { salt OCTET STRING, iterations INTEGER } */
@AsnType({ type: AsnTypeTypes.Sequence })
export class Pkcs12PbeParams {
  @AsnProp({ type: OctetString })
  salt = new OctetString();

  @AsnProp({ type: AsnPropTypes.Integer })
  iterations = 1;

  constructor(values: Partial<Pkcs12PbeParams> = {}) {
    Object.assign(this, values);
  }
}

/** EncryptedData ::= SEQUENCE { version, encryptedContentInfo } */
@AsnType({ type: AsnTypeTypes.Sequence })
export class EncryptedData {
  @AsnProp({ type: AsnPropTypes.Integer })
  version = 0;

  @AsnProp({ type: EncryptedContentInfo })
  encryptedContentInfo = new EncryptedContentInfo();

  constructor(values: Partial<EncryptedData> = {}) {
    Object.assign(this, values);
  }
}

/** SignedAttributes ::= SET SIZE (1..MAX) OF Attribute, under the tag of its own that is signed (RFC 5652, 5.4). */
@AsnType({ type: AsnTypeTypes.Set, itemType: Attribute })
export class SignedAttributes extends AsnArray<Attribute> {}

/** ESSCertIDv2 ::= SEQUENCE { hashAlgorithm DEFAULT id-sha256, certHash, issuerSerial OPTIONAL }, both of the others left out. */
@AsnType({ type: AsnTypeTypes.Sequence })
export class EssCertIdV2 {
  @AsnProp({ type: OctetString })
  certHash = new OctetString();

  constructor(values: Partial<EssCertIdV2> = {}) {
    Object.assign(this, values);
  }
}

/** SigningCertificateV2 ::= SEQUENCE { certs SEQUENCE OF ESSCertIDv2, policies OPTIONAL }, policies left out. */
@AsnType({ type: AsnTypeTypes.Sequence })
export class SigningCertificateV2 {
  @AsnProp({ type: EssCertIdV2, repeated: "sequence" })
  certs: EssCertIdV2[] = [];

  constructor(values: Partial<SigningCertificateV2> = {}) {
    Object.assign(this, values);
  }
}
