import java.io.FileInputStream;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.cert.CRL;
import java.security.cert.CertPathValidator;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Judges certificates by Java's CertPath: root, issuing CA, their lists, then any number of certificates. */
public class ChainJudge {
    private static final CertificateFactory FACTORY;

    static {
        try {
            FACTORY = CertificateFactory.getInstance("X.509");
        } catch (java.security.cert.CertificateException e) {
            throw new IllegalStateException(e);
        }
    }

    private static X509Certificate certificate(String path) throws Exception {
        try (InputStream in = new FileInputStream(path)) {
            return (X509Certificate) FACTORY.generateCertificate(in);
        }
    }

    private static CRL list(String path) throws Exception {
        try (InputStream in = new FileInputStream(path)) {
            return FACTORY.generateCRL(in);
        }
    }

    public static void main(String[] paths) throws Exception {
        X509Certificate root = certificate(paths[0]);
        X509Certificate issuing = certificate(paths[1]);
        List<CRL> lists = List.of(list(paths[2]), list(paths[3]));
        for (int i = 4; i < paths.length; i++) {
            String verdict = "OK";
            try {
                PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(root, null)));
                parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(lists)));
                CertPathValidator validator = CertPathValidator.getInstance("PKIX");
                PKIXRevocationChecker checker = (PKIXRevocationChecker) validator.getRevocationChecker();
                checker.setOptions(EnumSet.of(
                    PKIXRevocationChecker.Option.PREFER_CRLS, PKIXRevocationChecker.Option.NO_FALLBACK));
                parameters.addCertPathChecker(checker);
                List<Certificate> chain = new ArrayList<>(List.of(certificate(paths[i]), issuing));
                validator.validate(FACTORY.generateCertPath(chain), parameters);
            } catch (Exception e) {
                verdict = e.toString();
            }
            System.out.println(Path.of(paths[i]).getFileName() + ": " + verdict);
        }
    }
}
